// SPDX-License-Identifier: Apache-2.0
#include "clients/android/src/main/cpp/jni_bytes.hpp"

#include <climits>
#include <cstring>

namespace trellis::jni {
namespace {

// Set once when the library is loaded, before any other call.
jclass exception_class = nullptr;
jmethodID exception_of = nullptr;

}  // namespace

bool load_classes(JNIEnv* java) {
    jclass found = java->FindClass("dev/trellis/core/TrellisException");
    if (found == nullptr) return false;
    exception_of = java->GetStaticMethodID(found, "of",
                                           "(I[B[B)Ldev/trellis/core/TrellisException;");
    if (exception_of == nullptr) return false;
    exception_class = static_cast<jclass>(java->NewGlobalRef(found));
    return exception_class != nullptr;
}

void throw_status(JNIEnv* java, trellis_status status, const char* sentence) {
    if (java->ExceptionCheck()) return;
    const char* name = trellis_status_name(status);
    jbyteArray code = array_of(java, name, std::strlen(name));
    if (code == nullptr) return;
    jbyteArray message = array_of(java, sentence, std::strlen(sentence));
    if (message == nullptr) return;
    jobject made =
        java->CallStaticObjectMethod(exception_class, exception_of, status, code, message);
    if (!java->ExceptionCheck()) java->Throw(static_cast<jthrowable>(made));
}

Borrowed::Borrowed(JNIEnv* java, jbyteArray array) : java_(java), array_(array) {
    if (array == nullptr) return;
    size_ = java->GetArrayLength(array);
    data_ = java->GetByteArrayElements(array, nullptr);
}

Borrowed::~Borrowed() {
    if (data_ != nullptr) java_->ReleaseByteArrayElements(array_, data_, JNI_ABORT);
}

trellis_bytes Borrowed::bytes() const {
    return {reinterpret_cast<const uint8_t*>(data_), static_cast<size_t>(size_)};
}

const char* Borrowed::c_string() const {
    if (size_ == 0 || data_[size_ - 1] != 0) return nullptr;
    return reinterpret_cast<const char*>(data_);
}

jbyteArray array_of(JNIEnv* java, const void* data, size_t size) {
    if (size > INT_MAX) {
        throw_status(java, TRELLIS_TOO_LARGE, "the answer is larger than an array of Java can be");
        return nullptr;
    }
    jbyteArray array = java->NewByteArray(static_cast<jsize>(size));
    if (array != nullptr && size > 0) {
        java->SetByteArrayRegion(array, 0, static_cast<jsize>(size),
                                 static_cast<const jbyte*>(data));
    }
    return array;
}

jbyteArray take(JNIEnv* java, trellis_status status, trellis_buffer& buffer,
                const trellis_error& error) {
    jbyteArray array = nullptr;
    if (check(java, status, error)) array = array_of(java, buffer.data, buffer.size);
    trellis_buffer_free(&buffer);
    return array;
}

}  // namespace trellis::jni
