// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.util.Map;

/** An organisation without a server. */
final class Local {
    private Local() {}

    /** Founds one; its space. */
    static String found(Replica replica) {
        replica.call("org_create", Map.of("name", "District", "url", "ws://127.0.0.1:1/sync"));
        return (String) replica.call("space_create", Map.of("name", "School")).get("space");
    }
}
