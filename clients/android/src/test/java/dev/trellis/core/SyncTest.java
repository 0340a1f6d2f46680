// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Syncing through a real server. */
final class SyncTest {
    private SyncTest() {}

    public static void main(String[] arguments) throws Exception {
        twoDevicesAgree();
        oneThatStaysHearsOfOthers();
        muchComesOver();
        noServerIsSaidAndNothingIsLost();
        suspendingEndsTheSession();
        aUsedInviteIsRefused();
        System.out.println("all is well");
    }

    private static void twoDevicesAgree() throws Exception {
        try (Town town = new Town(); Replica second = town.join()) {
            long list = second.watch(Map.of("type", "check_in"));
            Check.isEqual(List.of(), second.rows(list), "nothing at first");
            String record = town.put(town.first);
            Map<String, Object> sent = town.pump.sync();
            Check.isEqual(true, sent.get("complete"), "complete");
            Check.isEqual(1L, sent.get("sent"), "sent");
            Check.isEqual(1L, new Pump(second, new JdkSockets()).sync().get("received"), "received");
            Check.isEqual(town.first.call("digest"), second.call("digest"), "digests");
            Map<String, Object> event = second.nextEvent();
            Check.isEqual("rows", event.get("event"), "an event");
            Check.isEqual(list, event.get("watch"), "of this watch");
            Check.isEqual(record, second.rows(list).get(0).get("rec"), "the row");
            Check.isEqual(null, second.nextEvent(), "once");
        }
    }

    private static void oneThatStaysHearsOfOthers() throws Exception {
        try (Town town = new Town(); Replica second = town.join()) {
            long list = second.watch(Map.of("type", "check_in"));
            Pump stays = new Pump(second, new JdkSockets());
            List<Map<String, Object>> own = new ArrayList<>();
            stays.stay(() -> {
                boolean isConnected = false;
                for (Map<String, Object> event; (event = second.nextEvent()) != null;) {
                    isConnected = isConnected || Boolean.TRUE.equals(event.get("connected"));
                }
                if (isConnected && own.isEmpty() && second.rows(list).isEmpty()) {
                    town.put(town.first);
                    town.pump.sync();
                }
                if (second.rows(list).size() == 1 && own.isEmpty()) {
                    own.add(town.write(second)); // goes out by the connection that stays
                }
                if (!own.isEmpty() && isStored(second, own.get(0).get("dot"))) {
                    stays.stop();
                }
            });
            town.pump.sync();
            Object there = town.first.call("get", Map.of("rec", own.get(0).get("rec"))).get("fields");
            Check.isEqual("phone", ((Map<?, ?>) there).get("method"), "the other has it");
        }
    }

    private static boolean isStored(Replica replica, Object dot) {
        Map<?, ?> acks = (Map<?, ?>) replica.call("acks", Map.of("dots", List.of(dot))).get("acks");
        return !"L0".equals(acks.get(dot));
    }

    private static void muchComesOver() throws Exception {
        try (Town town = new Town(); Replica second = town.join()) {
            Map<String, Object> one = Map.of("op", "put", "space", town.space, "type", "check_in",
                    "fields", Map.of("method", "phone"));
            for (int i = 0; i < 20; ++i) {
                town.first.call("batch", Map.of("ops", java.util.Collections.nCopies(100, one)));
            }
            town.pump.sync();
            new Pump(second, new JdkSockets()).sync();
            Check.isEqual(List.of(Map.of("n", 2000L)),
                    second.query("SELECT count(*) AS n FROM check_in"), "all are there");
        }
    }

    private static void noServerIsSaidAndNothingIsLost() throws Exception {
        try (Town town = new Town()) {
            town.server.stop();
            town.put(town.first);
            Check.refused("offline", town.pump::sync);
            town.server.start();
            Check.isEqual(1L, town.pump.sync().get("sent"), "sent");
        }
    }

    private static void suspendingEndsTheSession() throws Exception {
        try (Town town = new Town()) {
            byte[] request = Replica.request("sync_start", Map.of());
            Map<String, Object> written;
            java.util.concurrent.Semaphore news = new java.util.concurrent.Semaphore(0);
            try (Talk talk = new Talk(town.first, request, new JdkSockets(), news::release)) {
                while (town.first.nextEvent() == null) { // until it is connected
                    long wait = talk.step();
                    Check.isTrue(wait >= 0, "it stays");
                    news.tryAcquire(wait, java.util.concurrent.TimeUnit.MILLISECONDS);
                }
                written = town.write(town.first);
                town.first.suspend();
                Check.refused("suspended", () -> town.first.call("spaces"));
                Check.isEqual(-1L, talk.step(), "it is over");
            }
            town.first.resume();
            Check.isEqual(1, town.first.query("SELECT * FROM check_in").size(), "the row is there");
            Check.isEqual(true, town.pump.sync().get("complete"), "complete");
            Check.isTrue(isStored(town.first, written.get("dot")), "and is sent");
        }
    }

    private static void aUsedInviteIsRefused() throws Exception {
        try (Town town = new Town(); Replica late = Replica.open(new Replica.Options())) {
            Map<String, ?> request = Map.of("invite", town.invite(), "name", "a device");
            try (Replica second = Replica.open(new Replica.Options())) {
                new Pump(second, new JdkSockets()).run("join", request, 60_000);
            }
            try {
                new Pump(late, new JdkSockets()).run("join", request, 60_000);
                throw new AssertionError("an invite was used twice");
            } catch (TrellisException why) {
                Check.isTrue(!why.code().equals("internal"), "no mistake of ours: " + why);
                Check.isTrue(why.getMessage().length() > 20, "a sentence: " + why);
            }
        }
    }
}
