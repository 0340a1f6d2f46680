// SPDX-License-Identifier: Apache-2.0
// A library to be loaded before a program: the TRELLIS_FAIL_NEW-th allocation by `new` of the
// process fails, once, and a file named by TRELLIS_FAIL_NEW_FILE is made to say so.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<unsigned long long> allocations{0};

unsigned long long chosen() {
    const char* const text = std::getenv("TRELLIS_FAIL_NEW");
    return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

bool fails() {
    static const auto at = chosen();
    if (++allocations != at) return false;
    const char* const file = std::getenv("TRELLIS_FAIL_NEW_FILE");
    if (file != nullptr) ::close(::open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    return true;
}

}  // namespace

void* operator new(std::size_t size) {
    void* const memory = fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (memory != nullptr) return memory;
    if (const auto handler = std::get_new_handler()) handler();
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
