// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core

import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.Response
import okhttp3.WebSocket
import okhttp3.WebSocketListener
import okio.ByteString
import okio.ByteString.Companion.toByteString

/** The WebSockets of OkHttp. */
class OkHttpSockets(private val client: OkHttpClient = OkHttpClient()) : Sockets {
    override fun connect(url: String, events: Sockets.Events): Sockets.Socket {
        val connection = Connection(events)
        // OkHttp takes ws:// and wss:// as they are.
        connection.socket = client.newWebSocket(Request.Builder().url(url).build(), connection)
        return connection
    }

    private class Connection(private val events: Sockets.Events) : WebSocketListener(), Sockets.Socket {
        lateinit var socket: WebSocket
        private var isLost = false

        override fun send(frame: ByteArray) {
            // False: OkHttp's queue of 16 MiB is full, or the connection is closing.
            if (!socket.send(frame.toByteString())) {
                socket.cancel()
                lose("what is to be sent cannot be sent")
            }
        }

        override fun close() {
            socket.close(1000, null)
        }

        override fun onOpen(webSocket: WebSocket, response: Response) = events.opened()

        override fun onMessage(webSocket: WebSocket, bytes: ByteString) {
            if (bytes.size <= Sockets.MESSAGE_MAX) return events.received(bytes.toByteArray())
            webSocket.cancel()
            lose("the server sent a message that is too large")
        }

        override fun onMessage(webSocket: WebSocket, text: String) {
            webSocket.cancel()
            lose("the server sent a text: it speaks another protocol")
        }

        override fun onClosing(webSocket: WebSocket, code: Int, reason: String) {
            webSocket.close(1000, null)
            lose("the server hung up ($code)")
        }

        override fun onFailure(webSocket: WebSocket, t: Throwable, response: Response?) =
            lose("there is no connection: $t")

        @Synchronized
        private fun lose(why: String) {
            if (isLost) return
            isLost = true
            events.lost(why)
        }
    }
}
