// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Carries requests to the server while the replica's own thread waits. Programs with an event loop
 * step a {@link Talk} instead, as the Kotlin layer does.
 */
public final class Pump {
    private final Replica replica;
    private final Sockets sockets;
    private final Semaphore news = new Semaphore(0);
    private volatile boolean isStopped;

    public Pump(Replica replica, Sockets sockets) {
        this.replica = replica;
        this.sockets = sockets;
    }

    /** join, recover or sync, to its end, over as many connections as that takes. */
    public Map<String, Object> run(String op, Map<String, ?> arguments, long deadlineMillis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(deadlineMillis);
        byte[] request = Replica.request(op, arguments);
        for (;;) {
            Talk.Outcome outcome = talk(request, end, null);
            if (outcome.redialMillis == 0) {
                continue;
            }
            if (outcome.failure != null) {
                throw outcome.failure;
            }
            return outcome.reply;
        }
    }

    public Map<String, Object> sync() {
        return run("sync", Map.of(), 60_000);
    }

    /**
     * Stays in sync until {@link #stop}, and dials again where a connection is lost. After every
     * step {@code pull} may take events and write. Returns early where there is nothing to stay
     * for: this device was removed, say.
     */
    public void stay(Runnable pull) {
        byte[] request = Replica.request("sync_start", Map.of());
        while (!isStopped) {
            Talk.Outcome outcome = talk(request, Long.MAX_VALUE, pull);
            pull.run();
            if (!isStopped && !outcome.isWorthRedialling()) {
                if (outcome.failure != null) {
                    throw outcome.failure;
                }
                break;
            }
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(outcome.pauseMillis());
            for (long left; !isStopped && (left = end - System.nanoTime()) > 0;) {
                await(left / 1_000_000 + 1);
            }
        }
        isStopped = false;
    }

    /** From any thread, or from {@code pull}. */
    public void stop() {
        isStopped = true;
        news.release();
    }

    private Talk.Outcome talk(byte[] request, long end, Runnable pull) {
        replica.onWake(news::release);
        try (Talk talk = new Talk(replica, request, sockets, news::release)) {
            for (long wait = talk.step(); wait >= 0; wait = talk.step()) {
                if (pull != null) {
                    pull.run();
                    if (isStopped) {
                        break;
                    }
                }
                long left = end == Long.MAX_VALUE ? wait : (end - System.nanoTime()) / 1_000_000;
                if (left < 0) {
                    throw new TrellisException(TrellisException.TIMEOUT, "timeout",
                            "the server did not finish within the deadline");
                }
                await(Math.min(wait, left));
            }
            return talk.finish();
        } finally {
            replica.onWake(null);
        }
    }

    private void await(long millis) {
        try {
            if (news.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
                news.drainPermits();
            }
        } catch (InterruptedException why) {
            Thread.currentThread().interrupt();
            throw TrellisException.offline("the thread was interrupted");
        }
    }
}
