// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.util.List;
import java.util.Map;

/** An organisation with one space, and those who join it. */
final class Town implements AutoCloseable {
    final Server server;
    final Replica first = Replica.open(new Replica.Options());
    final Pump pump = new Pump(first, new JdkSockets());
    final Map<String, Object> founded;
    final String space;

    Town() throws Exception {
        server = new Server();
        founded = first.call("org_create", Map.of("name", "District", "url", server.url()));
        space = (String) first.call("space_create", Map.of("name", "School")).get("space");
        pump.sync();
    }

    String invite() {
        Map<String, Object> grant = Map.of("space", space, "rights", List.of("read", "write"));
        Object invite = first.call("invite", Map.of("role", "member", "spaces", List.of(grant)))
                .get("invite");
        pump.sync();
        return (String) invite;
    }

    /** A second device, whole. */
    Replica join() {
        Replica second = Replica.open(new Replica.Options());
        Pump talk = new Pump(second, new JdkSockets());
        Map<String, ?> request = Map.of("invite", invite(), "name", "second");
        Check.isEqual(founded.get("org"), talk.run("join", request, 60_000).get("org"), "joined");
        pump.sync(); // a join is followed by a new key
        talk.sync();
        return second;
    }

    Map<String, Object> write(Replica replica) {
        return replica.call("put", Map.of("space", space, "type", "check_in", "fields",
                Map.of("method", "phone")));
    }

    String put(Replica replica) {
        return (String) write(replica).get("rec");
    }

    @Override
    public void close() {
        first.close();
        server.close();
    }
}
