// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <jni.h>

#include "clients/c/trellis.h"

namespace trellis::jni {

/// Finds the methods of dev.trellis.core.Bridge. False: an exception is pending.
bool load_bridge(JNIEnv* java);

/// The way from the library back to one Bridge of Java's: the wake callback and the host's table.
/// Lives as long as its replica. What Java throws in there ends there.
class Bridge {
public:
    /// Null with an exception pending where there is no memory.
    static Bridge* make(JNIEnv* java, jobject bridge);
    void end(JNIEnv* java);

    [[nodiscard]] trellis_host host();
    static void wake(void* bridge);

private:
    Bridge(JavaVM* machine, jobject object) : machine_(machine), object_(object) {}
    ~Bridge() = default;

    [[nodiscard]] JNIEnv* java() const;
    int64_t ask(jmethodID method, int64_t otherwise) const;
    void random(uint8_t* data, size_t size) const;
    void log(const char* event, const char* detail) const;

    JavaVM* machine_;
    jobject object_;
};

}  // namespace trellis::jni
