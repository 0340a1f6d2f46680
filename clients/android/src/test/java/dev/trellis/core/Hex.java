// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.util.HexFormat;

/** Bytes as fixtures have them: hexadecimal digits, and blanks anywhere. */
final class Hex {
    private Hex() {}

    static byte[] bytes(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }
}
