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

// The builtins were compiled with a stack protector.
uintptr_t __stack_chk_guard = 0x7472656c;

_Noreturn void __stack_chk_fail(void) { abort(); }
