// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One text of RFC 8259, read once. */
final class JsonReader {
    private final String text;
    private int at;

    JsonReader(String text) {
        this.text = text;
    }

    Object read() {
        Object value = value(0);
        blanks();
        if (at != text.length()) {
            throw wrong("something follows the value");
        }
        return value;
    }

    private Object value(int depth) {
        if (depth > Json.DEPTH_MAX) {
            throw wrong("it is nested deeper than " + Json.DEPTH_MAX);
        }
        blanks();
        switch (peek()) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"':
                return string();
            case 't':
                return word("true", Boolean.TRUE);
            case 'f':
                return word("false", Boolean.FALSE);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        ++at;
        if (ends('}')) {
            return members;
        }
        do {
            blanks();
            if (peek() != '"') {
                throw wrong("the name of a member is missing");
            }
            String name = string();
            blanks();
            take(':');
            if (members.containsKey(name)) {
                throw wrong("a member is there twice");
            }
            members.put(name, value(depth + 1));
        } while (goesOn('}'));
        return members;
    }

    private List<Object> array(int depth) {
        List<Object> items = new ArrayList<>();
        ++at;
        if (ends(']')) {
            return items;
        }
        do {
            items.add(value(depth + 1));
        } while (goesOn(']'));
        return items;
    }

    /** A comma, or the end. */
    private boolean goesOn(char end) {
        blanks();
        char c = peek();
        if (c != ',' && c != end) {
            throw wrong("a comma or the end is missing");
        }
        ++at;
        return c == ',';
    }

    private boolean ends(char end) {
        blanks();
        if (peek() != end) {
            return false;
        }
        ++at;
        return true;
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        ++at;
        for (;;) {
            char c = next();
            if (c == '"') {
                break;
            } else if (c == '\\') {
                out.append(escaped());
            } else if (c < ' ') {
                throw wrong("a control character stands in a text");
            } else {
                out.append(c);
            }
        }
        for (int i = 0; i < out.length(); ++i) {
            char c = out.charAt(i);
            boolean isPair = Character.isHighSurrogate(c) && i + 1 < out.length()
                    && Character.isLowSurrogate(out.charAt(i + 1));
            if (isPair) {
                ++i;
            } else if (Character.isSurrogate(c)) {
                throw wrong("a text holds half a character");
            }
        }
        return out.toString();
    }

    private char escaped() {
        char c = next();
        switch (c) {
            case '"':
            case '\\':
            case '/':
                return c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u':
                return hexadecimal();
            default:
                throw wrong("no such escape");
        }
    }

    private char hexadecimal() {
        int unit = 0;
        for (int i = 0; i < 4; ++i) {
            char c = next();
            // Character.digit knows the digits of other scripts, too.
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw wrong("four hexadecimal digits follow \\u");
            }
            unit = unit * 16 + digit;
        }
        return (char) unit;
    }

    private Object number() {
        int start = at;
        if (at < text.length() && text.charAt(at) == '-') {
            ++at;
        }
        int first = at;
        if (digits() == 0 || (text.charAt(first) == '0' && at > first + 1)) {
            throw wrong("this is no value");
        }
        boolean isWhole = true;
        if (at < text.length() && text.charAt(at) == '.') {
            ++at;
            isWhole = false;
            if (digits() == 0) {
                throw wrong("digits follow the point");
            }
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            ++at;
            isWhole = false;
            if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                ++at;
            }
            if (digits() == 0) {
                throw wrong("digits follow the exponent");
            }
        }
        return value(text.substring(start, at), isWhole);
    }

    private Object value(String digits, boolean isWhole) {
        if (isWhole) {
            try {
                return Long.valueOf(digits);
            } catch (NumberFormatException larger) {
                // A number that no 64 bits hold is read as near as it goes.
            }
        }
        double near = Double.parseDouble(digits);
        if (Double.isInfinite(near)) {
            throw wrong("this number is too large");
        }
        return near;
    }

    private int digits() {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            ++at;
        }
        return at - start;
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("this is no value");
        }
        at += word.length();
        return value;
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            ++at;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong("it ends too early");
        }
        return text.charAt(at);
    }

    private char next() {
        char c = peek();
        ++at;
        return c;
    }

    private void take(char wanted) {
        if (next() != wanted) {
            throw wrong("'" + wanted + "' is missing");
        }
    }

    private TrellisException wrong(String what) {
        return TrellisException.invalid("this is no JSON: " + what + ", at character " + at);
    }
}
