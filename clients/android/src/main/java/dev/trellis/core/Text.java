// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** UTF-8 that refuses what is no text; Java's own writes a question mark and loses it. */
final class Text {
    private Text() {}

    static byte[] encode(String text) {
        if (text == null) {
            throw TrellisException.invalid("the text is null");
        }
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(text));
            return Arrays.copyOf(bytes.array(), bytes.limit());
        } catch (CharacterCodingException why) {
            throw TrellisException.invalid("the text holds half a character (a lone surrogate)");
        }
    }

    static String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException why) {
            throw TrellisException.invalid("these bytes are no UTF-8");
        }
    }

    /** With a zero at the end, as C wants it; null stays null. */
    static byte[] terminated(String text) {
        if (text == null) {
            return null;
        }
        if (text.indexOf('\0') >= 0) {
            throw TrellisException.invalid("a path or a custody holds no zero");
        }
        byte[] bytes = encode(text);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }
}
