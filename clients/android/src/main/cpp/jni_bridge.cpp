// SPDX-License-Identifier: Apache-2.0
#include "clients/android/src/main/cpp/jni_bridge.hpp"

#include <sys/random.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "clients/android/src/main/cpp/jni_bytes.hpp"

namespace trellis::jni {
namespace {

// Set once when the library is loaded, before any other call.
jmethodID wall_method, monotonic_method, boot_method, random_method, log_method, wake_method;

constexpr size_t random_at_once = 4096;

/// What a Java method threw has no way through the library: said in Java's own log, and over.
bool is_thrown(JNIEnv* java) {
    if (!java->ExceptionCheck()) return false;
    java->ExceptionDescribe();
    java->ExceptionClear();
    return true;
}

int64_t system_ms(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

/// Keys are made of these bytes: better no program than a predictable one.
void system_random(uint8_t* data, size_t size) {
    for (size_t at = 0; at < size;) {
        const size_t part = std::min<size_t>(size - at, 256);
        const ssize_t got = getrandom(data + at, part, 0);
        if (got > 0) at += static_cast<size_t>(got);
        else if (got == 0) std::abort();
    }
}

}  // namespace

bool load_bridge(JNIEnv* java) {
    jclass found = java->FindClass("dev/trellis/core/Bridge");
    if (found == nullptr) return false;
    const auto find = [&](jmethodID& method, const char* name, const char* signature) {
        method = java->GetMethodID(found, name, signature);
        return method != nullptr;
    };
    return find(wall_method, "wallMillis", "()J") &&
           find(monotonic_method, "monotonicMillis", "()J") &&
           find(boot_method, "bootId", "()J") && find(random_method, "random", "([B)V") &&
           find(log_method, "log", "([B[B)V") && find(wake_method, "wake", "()V");
}

Bridge* Bridge::make(JNIEnv* java, jobject bridge) {
    JavaVM* machine = nullptr;
    if (java->GetJavaVM(&machine) != JNI_OK) return nullptr;
    jobject kept = java->NewGlobalRef(bridge);
    if (kept == nullptr) return nullptr;
    auto* made = new (std::nothrow) Bridge(machine, kept);
    if (made == nullptr) java->DeleteGlobalRef(kept);
    return made;
}

void Bridge::end(JNIEnv* java) {
    java->DeleteGlobalRef(object_);
    delete this;
}

trellis_host Bridge::host() {
    trellis_host host{};
    host.struct_size = sizeof host;
    host.context = this;
    host.wall_ms = [](void* at) {
        return static_cast<Bridge*>(at)->ask(wall_method, system_ms(CLOCK_REALTIME));
    };
    host.monotonic_ms = [](void* at) {
        return static_cast<Bridge*>(at)->ask(monotonic_method, system_ms(CLOCK_BOOTTIME));
    };
    host.boot_id = [](void* at) {
        return static_cast<uint64_t>(static_cast<Bridge*>(at)->ask(boot_method, 0));
    };
    host.random = [](void* at, uint8_t* data, size_t size) {
        static_cast<Bridge*>(at)->random(data, size);
    };
    host.log = [](void* at, const char* event, const char* detail) {
        static_cast<Bridge*>(at)->log(event, detail);
    };
    return host;
}

void Bridge::wake(void* bridge) {
    const auto* self = static_cast<Bridge*>(bridge);
    JNIEnv* const java = self->java();
    if (java == nullptr || java->ExceptionCheck()) return;
    java->CallVoidMethod(self->object_, wake_method);
    is_thrown(java);
}

JNIEnv* Bridge::java() const {
    // The library calls on the thread of Java's own call, which is attached.
    void* java = nullptr;
    return machine_->GetEnv(&java, JNI_VERSION_1_6) == JNI_OK ? static_cast<JNIEnv*>(java)
                                                              : nullptr;
}

int64_t Bridge::ask(jmethodID method, int64_t otherwise) const {
    JNIEnv* const java = this->java();
    if (java == nullptr || java->ExceptionCheck()) return otherwise;
    const jlong answer = java->CallLongMethod(object_, method);
    return is_thrown(java) ? otherwise : answer;
}

void Bridge::random(uint8_t* data, size_t size) const {
    JNIEnv* const java = this->java();
    for (size_t at = 0; at < size; at += random_at_once) {
        const size_t part = std::min(size - at, random_at_once);
        const auto length = static_cast<jsize>(part);
        jbyteArray array = java == nullptr || java->ExceptionCheck()
                               ? nullptr
                               : java->NewByteArray(length);
        if (array != nullptr) java->CallVoidMethod(object_, random_method, array);
        if (array == nullptr || is_thrown(java)) {
            system_random(data + at, part);
        } else {
            java->GetByteArrayRegion(array, 0, length, reinterpret_cast<jbyte*>(data + at));
        }
        // One call may ask thousands of times.
        if (array != nullptr) java->DeleteLocalRef(array);
    }
}

void Bridge::log(const char* event, const char* detail) const {
    JNIEnv* const java = this->java();
    if (java == nullptr || java->ExceptionCheck()) return;
    jbyteArray what = array_of(java, event, std::strlen(event));
    jbyteArray more = what == nullptr ? nullptr : array_of(java, detail, std::strlen(detail));
    if (more != nullptr) java->CallVoidMethod(object_, log_method, what, more);
    is_thrown(java);
    if (what != nullptr) java->DeleteLocalRef(what);
    if (more != nullptr) java->DeleteLocalRef(more);
}

}  // namespace trellis::jni
