// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

/**
 * Hides the database's key under one that does not leave the device: Android's Keystore
 * (AndroidKeyWrap), a desktop's secret service. What was wrapped must not be readable, nor be
 * unwrapped after a change, without that key.
 */
public interface KeyWrap {
    byte[] wrap(byte[] key) throws Exception;

    byte[] unwrap(byte[] wrapped) throws Exception;
}
