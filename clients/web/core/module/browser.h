// SPDX-License-Identifier: Apache-2.0
// What the module asks of the page it runs in: the imports of src/module.ts, in the same order.
// Sizes, offsets and times are doubles, because a 64-bit integer would reach JavaScript as a BigInt.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRELLIS_FROM_BROWSER(name) __attribute__((import_module("trellis"), import_name(name)))

#ifdef __cplusplus
extern "C" {
#endif

/* The clocks and the dice of trellis_host; never fails. */
TRELLIS_FROM_BROWSER("wall_ms") double browser_wall_ms(void);
TRELLIS_FROM_BROWSER("monotonic_ms") double browser_monotonic_ms(void);
TRELLIS_FROM_BROWSER("random") void browser_random(uint8_t* data, size_t size);
TRELLIS_FROM_BROWSER("log") void browser_log(const char* event, const char* detail);

/* The functions of trellis_storage: what they answer stands there. */
TRELLIS_FROM_BROWSER("open") double browser_open(const char* path, bool create);
TRELLIS_FROM_BROWSER("close") double browser_close(double file);
TRELLIS_FROM_BROWSER("read")
double browser_read(double file, uint8_t* data, size_t size, double offset);
TRELLIS_FROM_BROWSER("write")
double browser_write(double file, const uint8_t* data, size_t size, double offset);
TRELLIS_FROM_BROWSER("truncate") double browser_truncate(double file, double size);
TRELLIS_FROM_BROWSER("sync") double browser_sync(double file);
TRELLIS_FROM_BROWSER("size") double browser_size(double file);
TRELLIS_FROM_BROWSER("remove") double browser_remove(const char* path);
TRELLIS_FROM_BROWSER("exists") double browser_exists(const char* path);

#ifdef __cplusplus
}
#endif
