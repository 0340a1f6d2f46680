// SPDX-License-Identifier: Apache-2.0
// The Android library (AAR): gradle assembleRelease, with the SDK and the NDK. Not run by the
// house's own build, which has neither: see README.md.
plugins {
    id("com.android.library") version "8.7.3"
    kotlin("android") version "2.1.0"
}

android {
    namespace = "dev.trellis.core"
    compileSdk = 35
    defaultConfig {
        minSdk = 28 // getrandom() of the C library
        consumerProguardFiles("consumer-rules.pro")
        externalNativeBuild {
            cmake {
                arguments += listOf("-DANDROID_STL=c++_static")
                targets += "trellis_jni" // else all of the house
            }
        }
        ndk { abiFilters += listOf("arm64-v8a", "x86_64") }
    }
    externalNativeBuild {
        cmake {
            path = file("src/main/cpp/CMakeLists.txt")
            version = "3.25.0+"
        }
    }
    sourceSets["main"].kotlin.srcDirs("src/main/kotlin", "src/android/kotlin")
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    kotlinOptions { jvmTarget = "17" }
}

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.9.0")
    implementation("androidx.work:work-runtime-ktx:2.9.1")
    implementation("com.squareup.okhttp3:okhttp:4.12.0")
}
