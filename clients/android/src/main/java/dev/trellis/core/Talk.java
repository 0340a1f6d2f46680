// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * One session over one connection, in steps that never wait: for whoever has an event loop. On the
 * replica's thread, but for the events of the connection, which may come on any.
 */
public final class Talk implements AutoCloseable {
    private static final long CONNECT_MILLIS = 30_000;
    // Where no connection was made, the library knows of none to pause after.
    private static final long PAUSE_MILLIS = 5_000;
    private static final Set<String> WORTH_REDIALLING = Set.of("offline", "timeout", "busy");
    private static final byte[] OPENED = {};
    private static final byte[] HEARD = {};
    private static final byte[] LOST = {};

    private final Replica replica;
    private final byte[] request;
    private final Runnable onNews;
    private final long connectBy = System.nanoTime() + CONNECT_MILLIS * 1_000_000;
    private final ConcurrentLinkedQueue<byte[]> inbox = new ConcurrentLinkedQueue<>();
    private final Sockets.Socket socket;
    private volatile String lost;
    private Session session;
    private boolean isOver;

    /** What a talk came to. {@code redialMillis}: when to dial again; -1: not. */
    public static final class Outcome {
        public final Map<String, Object> reply;
        public final TrellisException failure;
        public final long redialMillis;

        Outcome(Map<String, Object> reply, TrellisException failure, long redialMillis) {
            this.reply = reply;
            this.failure = failure;
            this.redialMillis = redialMillis;
        }

        /** For one that stays: whether another connection may do better. */
        public boolean isWorthRedialling() {
            return failure == null ? redialMillis >= 0
                    : WORTH_REDIALLING.contains(failure.code());
        }

        /** How long to wait before it. */
        public long pauseMillis() {
            return redialMillis < 0 ? PAUSE_MILLIS : redialMillis;
        }
    }

    /**
     * Dials. {@code onNews} is run, on any thread, when the connection has something for
     * {@link #step}; where the replica has, {@link Replica#onWake} says so.
     */
    public Talk(Replica replica, byte[] request, Sockets sockets, Runnable onNews) {
        this.replica = replica;
        this.request = request.clone();
        this.onNews = onNews;
        socket = sockets.connect(Session.url(replica, request), new Connection());
    }

    /**
     * Takes what has come, sends what is to be sent. Gives in how many milliseconds it wants to be
     * called again at the latest; -1: it is over, {@link #finish} it.
     */
    public long step() {
        if (isOver) {
            return -1;
        }
        for (byte[] news = inbox.poll(); news != null && !isOver; news = inbox.poll()) {
            take(news);
        }
        if (isOver) {
            return -1;
        }
        if (session == null) {
            long left = (connectBy - System.nanoTime()) / 1_000_000;
            if (left > 0) {
                return left;
            }
            lost = "the server did not answer in " + CONNECT_MILLIS / 1000 + " seconds";
            isOver = true;
            return -1;
        }
        if (session.isOpen() && session.waitMillis() == 0) {
            session.tick();
        }
        flush();
        isOver = !session.isOpen();
        return isOver ? -1 : Math.max(session.waitMillis(), 0);
    }

    /** Ends it, and says what the verb answers. */
    public Outcome finish() {
        try {
            if (session == null) {
                // The library knows of no connection, so that it has no pause to advise.
                String why = lost == null ? "it was not connected yet" : lost;
                return new Outcome(null, TrellisException.offline(why), -1);
            }
            session.hangUp();
            long redial = session.redialMillis();
            try {
                return new Outcome(session.result(), null, redial);
            } catch (TrellisException why) {
                // What happened to the socket says more than that it is gone.
                boolean isSocket = lost != null && why.status() == TrellisException.OFFLINE;
                return new Outcome(null, isSocket ? TrellisException.offline(lost) : why, redial);
            }
        } finally {
            close();
        }
    }

    /** Without an answer. Again is fine. */
    @Override
    public void close() {
        isOver = true;
        try {
            if (session != null) {
                session.close();
            }
        } finally {
            socket.close();
        }
    }

    private void take(byte[] news) {
        if (news == LOST) {
            if (session == null) {
                isOver = true;
            } else {
                session.hangUp();
            }
        } else if (news == OPENED) {
            session = Session.start(replica, request);
        } else if (session != null && news == HEARD) {
            session.heard();
        } else if (session != null) {
            session.receive(news);
            flush();
        }
    }

    private void flush() {
        for (byte[] frame = session.nextFrame(); frame.length > 0; frame = session.nextFrame()) {
            socket.send(frame);
        }
    }

    private final class Connection implements Sockets.Events {
        @Override
        public void opened() {
            tell(OPENED);
        }

        @Override
        public void received(byte[] frame) {
            tell(frame);
        }

        @Override
        public void heard() {
            tell(HEARD);
        }

        @Override
        public void lost(String why) {
            lost = why;
            tell(LOST);
        }

        private void tell(byte[] news) {
            inbox.add(news);
            onNews.run();
        }
    }
}
