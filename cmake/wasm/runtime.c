// SPDX-License-Identifier: Apache-2.0
// What libc++ and the compiler builtins of Debian call and Debian does not bring for
// WebAssembly. Nobody in our portable rooms throws or catches: an exception here means memory
// ran out or a promise was broken, and either stops the program.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void* __cxa_allocate_exception(size_t size) {
    (void)size;
    fputs("trellis: an exception was about to be thrown; stopping\n", stderr);
    abort();
}

_Noreturn void __cxa_throw(void* exception, void* type, void (*destructor)(void*)) {
    (void)exception;
    (void)type;
    (void)destructor;
    abort();
}

// How libc, libc++ and libc++abi say why they stop: their own bring printf, and only for this.
_Noreturn static void stop(const char* what) {
    fputs(what, stderr);
    fputs("\n", stderr);
    abort();
}

_Noreturn void __assert_fail(const char* condition, const char* file, int line,
                             const char* function) {
    (void)line;
    (void)function;
    fputs(file, stderr);
    fputs(": ", stderr);
    stop(condition);
}

_Noreturn void abort_message(const char* format, ...) { stop(format); }

_Noreturn void verbose_abort(const char* format, ...)
    __asm__("_ZNSt3__222__libcpp_verbose_abortEPKcz");
_Noreturn void verbose_abort(const char* format, ...) { stop(format); }

// The builtins were compiled with a stack protector.
uintptr_t __stack_chk_guard = 0x7472656c;

_Noreturn void __stack_chk_fail(void) { abort(); }
