// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/** The WebSockets of a desktop's JDK. Android has none of these: see OkHttpSockets there. */
public final class JdkSockets implements Sockets {
    private final HttpClient client;

    /** With the certificates that the JDK trusts. */
    public JdkSockets() {
        this(HttpClient.newHttpClient());
    }

    /** With a client of your own: another SSLContext, a proxy. */
    public JdkSockets(HttpClient client) {
        this.client = client;
    }

    @Override
    public Socket connect(String url, Events events) {
        return new Connection(url, events);
    }

    private final class Connection implements Socket, WebSocket.Listener {
        private final Events events;
        private final AtomicBoolean isLost = new AtomicBoolean();
        private final ByteArrayOutputStream message = new ByteArrayOutputStream();
        // One send at a time: the next begins when the one before is done.
        private CompletableFuture<WebSocket> sent;

        Connection(String url, Events events) {
            this.events = events;
            sent = client.newWebSocketBuilder()
                    .connectTimeout(Duration.ofSeconds(30))
                    .buildAsync(URI.create(url), this);
            sent.exceptionally(this::failed);
        }

        @Override
        public void send(byte[] frame) {
            ByteBuffer bytes = ByteBuffer.wrap(frame);
            sent = sent.thenCompose(socket -> socket.sendBinary(bytes, true));
            sent.exceptionally(this::failed);
        }

        @Override
        public void close() {
            isLost.set(true);
            sent = sent.thenCompose(socket -> socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
            sent.whenComplete((socket, why) -> {
                if (socket != null && why != null) {
                    socket.abort();
                }
            });
        }

        @Override
        public void onOpen(WebSocket socket) {
            events.opened();
            socket.request(1);
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean isLast) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            if (message.size() + part.length > MESSAGE_MAX) {
                socket.abort();
                lost("the server sent a message that is too large");
                return null;
            }
            message.writeBytes(part);
            if (isLast) {
                byte[] whole = message.toByteArray();
                message.reset();
                events.received(whole);
            } else {
                events.heard();
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean isLast) {
            socket.abort();
            lost("the server sent a text: it speaks another protocol");
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            lost("the server hung up (" + code + (reason.isEmpty() ? ")" : ", " + reason + ")"));
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable why) {
            lost("the connection was lost: " + why);
        }

        private WebSocket failed(Throwable why) {
            Throwable cause = why.getCause() == null ? why : why.getCause();
            lost("there is no connection: " + cause);
            return null;
        }

        private void lost(String why) {
            if (isLost.compareAndSet(false, true)) {
                events.lost(why);
            }
        }
    }
}
