// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.util.Map;

/**
 * JSON as Java's own values: Map (in the order of the text), List, String, Long, Double, Boolean
 * and null. Small, so that neither Android's nor anybody else's library is needed.
 */
public final class Json {
    /** As deep as the library itself goes (json_depth_max of core/base/limits.hpp). */
    static final int DEPTH_MAX = 32;

    private Json() {}

    public static Object parse(String text) {
        if (text == null) {
            throw TrellisException.invalid("the text is null");
        }
        return new JsonReader(text).read();
    }

    /** Of maps, iterables, arrays of objects, texts, numbers, booleans and null. */
    public static String print(Object value) {
        StringBuilder out = new StringBuilder();
        print(value, out, 0);
        return out.toString();
    }

    private static void print(Object value, StringBuilder out, int depth) {
        if (depth > DEPTH_MAX) {
            throw TrellisException.invalid("this is nested deeper than " + DEPTH_MAX);
        }
        if (value == null || value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof CharSequence) {
            quote(value.toString(), out);
        } else if (value instanceof Number) {
            number((Number) value, out);
        } else if (value instanceof Map) {
            object((Map<?, ?>) value, out, depth);
        } else if (value instanceof Iterable) {
            array((Iterable<?>) value, out, depth);
        } else if (value instanceof Object[]) {
            array(java.util.Arrays.asList((Object[]) value), out, depth);
        } else {
            throw TrellisException.invalid("a " + value.getClass().getName() + " is no JSON value");
        }
    }

    private static void number(Number value, StringBuilder out) {
        if (value instanceof Double || value instanceof Float) {
            if (Double.isNaN(value.doubleValue()) || Double.isInfinite(value.doubleValue())) {
                throw TrellisException.invalid("JSON has no number for " + value);
            }
        }
        out.append(value);
    }

    private static void object(Map<?, ?> map, StringBuilder out, int depth) {
        char before = '{';
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getKey() instanceof CharSequence)) {
                throw TrellisException.invalid("the name of a member is no text");
            }
            out.append(before);
            quote(entry.getKey().toString(), out);
            out.append(':');
            print(entry.getValue(), out, depth + 1);
            before = ',';
        }
        out.append(before == '{' ? "{}" : "}");
    }

    private static void array(Iterable<?> items, StringBuilder out, int depth) {
        char before = '[';
        for (Object item : items) {
            out.append(before);
            print(item, out, depth + 1);
            before = ',';
        }
        out.append(before == '[' ? "[]" : "]");
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); ++i) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
