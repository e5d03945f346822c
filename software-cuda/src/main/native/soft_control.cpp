// The Java class SoftwareDevice's native methods.
#include <jni.h>
#include <string>
#include "soft.h"

#define NATIVE(type, name) extern "C" JNIEXPORT type JNICALL Java_org_alborz_softwarecuda_SoftwareDevice_##name

namespace {

std::string chars(JNIEnv* env, jstring s) {
    const char* p = env->GetStringUTFChars(s, nullptr);
    std::string text = p;
    env->ReleaseStringUTFChars(s, p);
    return text;
}

jstring text(JNIEnv* env, size_t (*give)(char*, size_t)) {
    std::string s(give(nullptr, 0), '\0');
    give(&s[0], s.size());
    return env->NewStringUTF(s.c_str());
}

}

NATIVE(void, deferred0)(JNIEnv*, jclass, jboolean on) { soft_set_deferred(on); }
NATIVE(void, reversed0)(JNIEnv*, jclass, jboolean on) { soft_set_reversed(on); }
NATIVE(void, idle0)(JNIEnv*, jclass, jboolean on) { soft_set_idle(on); }
NATIVE(void, refuseGraphs0)(JNIEnv*, jclass, jboolean on) { soft_set_graphs_refused(on); }
NATIVE(void, inject0)(JNIEnv* env, jclass, jstring call, jlong nth, jint result) {
    soft_inject(chars(env, call).c_str(), nth, result);
}
NATIVE(void, lose0)(JNIEnv*, jclass, jint result) { soft_lose_device(result); }
NATIVE(void, limitMemory0)(JNIEnv*, jclass, jlong bytes) { soft_limit_memory(bytes); }
NATIVE(void, reset0)(JNIEnv*, jclass) { soft_reset(); }
NATIVE(jlong, liveAllocations0)(JNIEnv*, jclass) { return soft_live_allocations(); }
NATIVE(jlong, liveBytes0)(JNIEnv*, jclass) { return soft_live_bytes(); }
NATIVE(jlong, pending0)(JNIEnv*, jclass) { return soft_pending(); }
NATIVE(jlong, launches0)(JNIEnv*, jclass) { return soft_launches(); }
NATIVE(jstring, leaks0)(JNIEnv* env, jclass) { return text(env, soft_leaks); }
NATIVE(jstring, message0)(JNIEnv* env, jclass) { return text(env, soft_message); }
