// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.nio.charset.StandardCharsets;

/** Something was refused or went wrong; nothing that was saved is lost by it. */
public final class TrellisException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The statuses of trellis.h that this package itself gives. */
    static final int INVALID = 1, CORRUPT = 5, WRONG_KEY = 6, OFFLINE = 9, TIMEOUT = 10,
            TOO_LARGE = 14, INTERNAL = 15, CLOSED = 65;

    private final int status;
    private final String code;

    TrellisException(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    /** For the wrapper: texts are UTF-8. */
    static TrellisException of(int status, byte[] code, byte[] message) {
        String name = new String(code, StandardCharsets.UTF_8);
        String sentence = new String(message, StandardCharsets.UTF_8);
        return new TrellisException(status, name, sentence.isEmpty() ? name : sentence);
    }

    static TrellisException invalid(String message) {
        return new TrellisException(INVALID, "invalid", message);
    }

    static TrellisException offline(String message) {
        return new TrellisException(OFFLINE, "offline", message);
    }

    /** The trellis_status of trellis.h. */
    public int status() {
        return status;
    }

    /** Its name, such as "not_found": the codes of docs/scripting.md, and a few of trellis.h. */
    public String code() {
        return code;
    }
}
