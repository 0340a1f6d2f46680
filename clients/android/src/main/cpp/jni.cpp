// SPDX-License-Identifier: Apache-2.0
// dev.trellis.core.Native: one function for each of trellis.h, and nothing that decides anything.
#include <new>

#include "clients/android/src/main/cpp/jni_bridge.hpp"
#include "clients/android/src/main/cpp/jni_bytes.hpp"

using namespace trellis::jni;

namespace {

Bridge* bridge_of(jlong handle) { return reinterpret_cast<Bridge*>(static_cast<intptr_t>(handle)); }

// The library ------------------------------------------------------------------------------

jbyteArray version(JNIEnv* java, jclass) {
    const char* text = trellis_version();
    return array_of(java, text, __builtin_strlen(text));
}

// A replica --------------------------------------------------------------------------------

/// The two handles that belong together; null where an exception is pending.
jlongArray pair_of(JNIEnv* java, trellis_replica* replica, Bridge* bridge) {
    const jlong handles[] = {handle_of(replica), handle_of(bridge)};
    jlongArray pair = java->NewLongArray(2);
    if (pair != nullptr) java->SetLongArrayRegion(pair, 0, 2, handles);
    return pair;
}

jlongArray open(JNIEnv* java, jclass, jbyteArray path, jbyteArray key, jbyteArray schema,
                jbyteArray custody, jint cache_kib, jobject callbacks, jboolean has_host) {
    const Borrowed path_in(java, path);
    const Borrowed key_in(java, key);
    const Borrowed schema_in(java, schema);
    const Borrowed custody_in(java, custody);
    if (!path_in.is_here() || !key_in.is_here() || !schema_in.is_here() ||
        !custody_in.is_here()) {
        return nullptr;
    }
    Bridge* const bridge = Bridge::make(java, callbacks);
    if (bridge == nullptr) {
        throw_status(java, TRELLIS_INTERNAL, "there is no memory left");
        return nullptr;
    }
    const trellis_host host = bridge->host();
    trellis_options options{};
    options.struct_size = sizeof options;
    options.path = path_in.c_string();
    options.key = key_in.bytes();
    options.schema_json = schema_in.bytes();
    options.custody = custody_in.c_string();
    options.host = has_host ? &host : nullptr;
    options.cache_kib = static_cast<uint32_t>(cache_kib);
    trellis_error error{};
    trellis_replica* replica = nullptr;
    auto status = trellis_open(&options, &replica, &error);
    if (status == TRELLIS_OK) status = trellis_on_wake(replica, Bridge::wake, bridge, &error);
    jlongArray pair = check(java, status, error) ? pair_of(java, replica, bridge) : nullptr;
    if (pair == nullptr) {
        trellis_close(replica);
        bridge->end(java);
    }
    return pair;
}

/// True where the handle has ended, and its bridge with it.
jboolean close(JNIEnv* java, jclass, jlong replica, jlong bridge) {
    const auto status = trellis_close(replica_of(replica));
    const bool has_ended = status != TRELLIS_WRONG_THREAD && status != TRELLIS_REENTERED;
    if (has_ended && bridge != 0) bridge_of(bridge)->end(java);
    if (has_ended && (status == TRELLIS_OK || status == TRELLIS_CLOSED)) return JNI_TRUE;
    throw_status(java, status, has_ended ? "the replica is closed, but not all could be sealed"
                                         : "another call or another thread holds this replica");
    return JNI_FALSE;
}

using Plain = trellis_status (*)(trellis_replica*, trellis_error*);

template <Plain function>
void plain(JNIEnv* java, jclass, jlong replica) {
    trellis_error error{};
    check(java, function(replica_of(replica), &error), error);
}

void keep_custody(JNIEnv* java, jclass, jlong replica, jbyteArray custody) {
    const Borrowed text(java, custody);
    if (!text.is_here()) return;
    trellis_error error{};
    check(java, trellis_keep_custody(replica_of(replica), text.c_string(), &error), error);
}

using Asked = trellis_status (*)(trellis_replica*, trellis_bytes, trellis_buffer*, trellis_error*);

template <Asked function>
jbyteArray asked(JNIEnv* java, jclass, jlong replica, jbyteArray request) {
    const Borrowed in(java, request);
    if (!in.is_here()) return nullptr;
    trellis_error error{};
    trellis_buffer answer{};
    const auto status = function(replica_of(replica), in.bytes(), &answer, &error);
    return take(java, status, answer, error);
}

jlong watch(JNIEnv* java, jclass, jlong replica, jbyteArray query) {
    const Borrowed in(java, query);
    if (!in.is_here()) return 0;
    trellis_error error{};
    uint64_t number = 0;
    check(java, trellis_watch(replica_of(replica), in.bytes(), &number, &error), error);
    return static_cast<jlong>(number);
}

jbyteArray rows(JNIEnv* java, jclass, jlong replica, jlong watch) {
    trellis_error error{};
    trellis_buffer answer{};
    const auto status =
        trellis_rows(replica_of(replica), static_cast<uint64_t>(watch), &answer, &error);
    return take(java, status, answer, error);
}

void unwatch(JNIEnv* java, jclass, jlong replica, jlong watch) {
    trellis_error error{};
    check(java, trellis_unwatch(replica_of(replica), static_cast<uint64_t>(watch), &error), error);
}

jbyteArray next_event(JNIEnv* java, jclass, jlong replica) {
    trellis_error error{};
    trellis_buffer answer{};
    const auto status = trellis_next_event(replica_of(replica), &answer, &error);
    return take(java, status, answer, error);
}

// A session --------------------------------------------------------------------------------

jlong session_start(JNIEnv* java, jclass, jlong replica, jbyteArray request) {
    const Borrowed in(java, request);
    if (!in.is_here()) return 0;
    trellis_error error{};
    trellis_session* session = nullptr;
    const auto status = trellis_session_start(replica_of(replica), in.bytes(), &session, &error);
    return check(java, status, error) ? handle_of(session) : 0;
}

void session_receive(JNIEnv* java, jclass, jlong session, jbyteArray frame) {
    const Borrowed in(java, frame);
    if (!in.is_here()) return;
    trellis_error error{};
    check(java, trellis_session_receive(session_of(session), in.bytes(), &error), error);
}

using Step = trellis_status (*)(trellis_session*, trellis_error*);

template <Step function>
void step(JNIEnv* java, jclass, jlong session) {
    trellis_error error{};
    check(java, function(session_of(session), &error), error);
}

using Given = trellis_status (*)(trellis_session*, trellis_buffer*, trellis_error*);

template <Given function>
jbyteArray given(JNIEnv* java, jclass, jlong session) {
    trellis_error error{};
    trellis_buffer answer{};
    const auto status = function(session_of(session), &answer, &error);
    return take(java, status, answer, error);
}

using Number = trellis_status (*)(const trellis_session*, int64_t*, trellis_error*);

template <Number function>
jlong number(JNIEnv* java, jclass, jlong session) {
    trellis_error error{};
    int64_t answer = -1;
    check(java, function(session_of(session), &answer, &error), error);
    return answer;
}

jboolean session_is_open(JNIEnv*, jclass, jlong session) {
    return trellis_session_is_open(session_of(session)) ? JNI_TRUE : JNI_FALSE;
}

void session_end(JNIEnv* java, jclass, jlong session) {
    const auto status = trellis_session_end(session_of(session));
    if (status == TRELLIS_OK || status == TRELLIS_CLOSED) return;
    throw_status(java, status, "another call or another thread holds this session");
}

// What Java calls them ---------------------------------------------------------------------

template <class Function>
JNINativeMethod method(const char* name, const char* signature, Function* function) {
    // The type is JNI's: it takes no const and calls a function a void*.
    return {const_cast<char*>(name), const_cast<char*>(signature),
            reinterpret_cast<void*>(function)};
}

bool register_all(JNIEnv* java) {
    const JNINativeMethod methods[] = {
        method("version", "()[B", version),
        method("open", "([B[B[B[BILdev/trellis/core/Bridge;Z)[J", open),
        method("close", "(JJ)Z", close),
        method("moveHere", "(J)V", plain<trellis_move_here>),
        method("suspend", "(J)V", plain<trellis_suspend>),
        method("resume", "(J)V", plain<trellis_resume>),
        method("keepCustody", "(J[B)V", keep_custody),
        method("call", "(J[B)[B", asked<trellis_call>),
        method("watch", "(J[B)J", watch),
        method("rows", "(JJ)[B", rows),
        method("unwatch", "(JJ)V", unwatch),
        method("nextEvent", "(J)[B", next_event),
        method("sessionUrl", "(J[B)[B", asked<trellis_session_url>),
        method("sessionStart", "(J[B)J", session_start),
        method("sessionReceive", "(J[B)V", session_receive),
        method("sessionHeard", "(J)V", step<trellis_session_heard>),
        method("sessionTick", "(J)V", step<trellis_session_tick>),
        method("sessionHangUp", "(J)V", step<trellis_session_hang_up>),
        method("sessionNextFrame", "(J)[B", given<trellis_session_next_frame>),
        method("sessionResult", "(J)[B", given<trellis_session_result>),
        method("sessionWaitMs", "(J)J", number<trellis_session_wait_ms>),
        method("sessionRedialMs", "(J)J", number<trellis_session_redial_ms>),
        method("sessionIsOpen", "(J)Z", session_is_open),
        method("sessionEnd", "(J)V", session_end),
    };
    jclass native = java->FindClass("dev/trellis/core/Native");
    return native != nullptr &&
           java->RegisterNatives(native, methods, sizeof methods / sizeof methods[0]) == JNI_OK;
}

}  // namespace

extern "C" TRELLIS_API jint JNI_OnLoad(JavaVM* machine, void*) {
    void* java = nullptr;
    if (machine->GetEnv(&java, JNI_VERSION_1_6) != JNI_OK) return JNI_ERR;
    auto* const env = static_cast<JNIEnv*>(java);
    if (!load_classes(env) || !load_bridge(env) || !register_all(env)) return JNI_ERR;
    if (trellis_abi() != TRELLIS_ABI) {
        jclass error = env->FindClass("java/lang/UnsatisfiedLinkError");
        if (error != nullptr) env->ThrowNew(error, "libtrellis is of another ABI than this wrapper");
        return JNI_ERR;
    }
    return JNI_VERSION_1_6;
}
