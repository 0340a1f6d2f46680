// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <jni.h>

#include "clients/c/trellis.h"

/// What crosses between Java and trellis.h. Texts are byte arrays of UTF-8 throughout: JNI's own
/// strings are written in a dialect that no one else reads.
namespace trellis::jni {

/// The classes that are thrown and called; found once. False: an exception is pending.
bool load_classes(JNIEnv* java);

/// Throws a TrellisException. An exception that is pending already stays.
void throw_status(JNIEnv* java, trellis_status status, const char* sentence);

/// True where all is well; else an exception is pending.
inline bool check(JNIEnv* java, trellis_status status, const trellis_error& error) {
    if (status == TRELLIS_OK) return true;
    throw_status(java, status, error.message);
    return false;
}

/// A Java array, borrowed while this lives. Null is an empty one.
class Borrowed {
public:
    Borrowed(JNIEnv* java, jbyteArray array);
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    ~Borrowed();

    /// False: there was no memory, and an exception is pending.
    [[nodiscard]] bool is_here() const { return array_ == nullptr || data_ != nullptr; }
    [[nodiscard]] trellis_bytes bytes() const;
    /// For texts that Java ended with a zero; null for null and for one that was not ended.
    [[nodiscard]] const char* c_string() const;

private:
    JNIEnv* java_;
    jbyteArray array_;
    jbyte* data_ = nullptr;
    jsize size_ = 0;
};

/// A Java array with these bytes; null with an exception pending where there is no room.
jbyteArray array_of(JNIEnv* java, const void* data, size_t size);
/// The same of a buffer, which is freed; null where the status is a failure.
jbyteArray take(JNIEnv* java, trellis_status status, trellis_buffer& buffer,
                const trellis_error& error);

inline trellis_replica* replica_of(jlong handle) {
    return reinterpret_cast<trellis_replica*>(static_cast<intptr_t>(handle));
}
inline trellis_session* session_of(jlong handle) {
    return reinterpret_cast<trellis_session*>(static_cast<intptr_t>(handle));
}
inline jlong handle_of(const void* pointer) {
    return static_cast<jlong>(reinterpret_cast<intptr_t>(pointer));
}

}  // namespace trellis::jni
