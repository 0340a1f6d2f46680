// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.ExecutorCoroutineDispatcher
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull

/** One record, or one row of a query: its columns by name. */
typealias Row = Map<String, Any?>

/**
 * A [Replica] on a thread of its own, for coroutines. Call it from anywhere; a write is durable
 * when its call returns. A call that has begun is finished even where its caller was cancelled.
 * Refusals are [TrellisException].
 */
class Trellis private constructor(
    private val replica: Replica,
    private val thread: ExecutorCoroutineDispatcher,
    private val sockets: Sockets,
) {
    private val watchers = ConcurrentHashMap<Long, Channel<Unit>>()
    private val unwatched = mutableListOf<Long>() // while it slept
    private val news = Channel<Unit>(Channel.CONFLATED)
    private val talking = Mutex() // a replica has one session at a time
    private val passing = Mutex() // a pass in the background puts to sleep whom it woke
    private val waiting = AtomicInteger() // requests that want the session of the one that stays
    private val isAwake = MutableStateFlow(true)
    private val syncEvent = MutableStateFlow<Row>(emptyMap())
    @Volatile private var isClosed = false

    /** The last event of the session that stays: `connected`, and how far it has come. */
    val status: StateFlow<Row> = syncEvent.asStateFlow()

    /** Any verb of docs/scripting.md that needs no server. */
    suspend fun call(op: String, vararg arguments: Pair<String, Any?>): Row =
        here { replica.call(op, mapOf(*arguments)) }

    /** Creates a record and gives its identifier. */
    suspend fun put(space: String, type: String, fields: Row): String =
        here { replica.put(space, type, fields) }

    /** Rows of read-only SQL; `?` stand for the parameters. */
    suspend fun query(sql: String, vararg parameters: Any?): List<Row> =
        here { replica.query(sql, *parameters) }

    /**
     * The rows of a list (`type`, …) or of a query (`sql`, `params`): now, and again whenever they
     * change, whoever changed them. Rests while the replica is suspended.
     */
    fun rows(vararg query: Pair<String, Any?>): Flow<List<Row>> = flow {
        val changed = Channel<Unit>(Channel.CONFLATED)
        val watch = awake { replica.watch(mapOf(*query)).also { watchers[it] = changed } }
        try {
            while (true) {
                emit(awake { replica.rows(watch) })
                changed.receive()
            }
        } finally {
            withContext(NonCancellable) { forget(watch) }
        }
    }

    /** One pass, until nothing is left to send or to receive. */
    suspend fun sync(): Row = talkWith("sync")

    /**
     * One pass for a program that nobody looks at: opens the files where they are closed, and closes
     * them again, unless [resumeFiles] came meanwhile. Whoever [stay]s and watches sleeps on.
     */
    suspend fun syncInBackground(): Row = passing.withLock {
        try {
            here { replica.resume() }
            sync()
        } finally {
            withContext(NonCancellable) {
                if (!isClosed) here { if (!isAwake.value) replica.suspend() }
            }
        }
    }

    /** Into an organisation, with an administrator's invite. */
    suspend fun join(invite: String, name: String): Row =
        talkWith("join", "invite" to invite, "name" to name)

    suspend fun recover(sheets: List<String>, name: String, url: String): Row =
        talkWith("recover", "sheets" to sheets, "name" to name, "url" to url)

    /**
     * Stays in sync until it is cancelled, and dials again where a connection is lost: launch it
     * in the scope in which the program wants to be up to date. Returns early where there is
     * nothing to stay for: this device was removed, say.
     */
    suspend fun stay() {
        val request = Replica.request("sync_start", emptyMap<String, Any>())
        while (!isClosed) {
            isAwake.first { it }
            val outcome = try {
                talking.withLock { talk(request) { waiting.get() > 0 } }
            } catch (why: TrellisException) {
                // It fell asleep between.
                if (why.code() == "suspended") continue else throw why
            }
            if (waiting.get() > 0 || !isAwake.value) continue
            if (!outcome.isWorthRedialling) {
                outcome.failure?.let { throw it }
                return
            }
            delay(outcome.pauseMillis())
        }
    }

    /** Before the system may freeze the program: seals what is not sealed and closes the files. */
    suspend fun suspendFiles() = here {
        isAwake.value = false
        replica.suspend()
    }

    /** Back in the foreground. */
    suspend fun resumeFiles() = here {
        replica.resume()
        isAwake.value = true
        unwatched.forEach(replica::unwatch)
        unwatched.clear()
        watchers.values.forEach { it.trySend(Unit) }
    }

    /** Seals what is not sealed and closes the files. Again is fine. */
    suspend fun close() = withContext(NonCancellable) {
        waiting.incrementAndGet()
        news.trySend(Unit)
        talking.withLock {
            if (!isClosed) {
                withContext(thread) {
                    isClosed = true
                    replica.close()
                }
                watchers.values.forEach { it.close(closed()) }
                thread.close()
            }
        }
        Unit
    }

    private fun closed() =
        TrellisException(TrellisException.CLOSED, "closed", "this replica is closed")

    private suspend fun <T> here(body: () -> T): T {
        if (isClosed) throw closed()
        return withContext(thread) { body() }
    }

    /** The same, as soon as the files are open. */
    private suspend fun <T : Any> awake(body: () -> T): T {
        while (true) {
            isAwake.first { it }
            here { if (isAwake.value) body() else null }?.let { return it }
        }
    }

    private suspend fun forget(watch: Long) {
        watchers.remove(watch)
        if (isClosed) return
        here { if (isAwake.value) replica.unwatch(watch) else unwatched.add(watch) }
    }

    private suspend fun talkWith(op: String, vararg arguments: Pair<String, Any?>): Row {
        val request = Replica.request(op, mapOf(*arguments))
        waiting.incrementAndGet()
        news.trySend(Unit)
        try {
            return talking.withLock { toItsEnd(request) }
        } finally {
            waiting.decrementAndGet()
        }
    }

    /** Over as many connections as that takes. */
    private suspend fun toItsEnd(request: ByteArray): Row {
        while (true) {
            val outcome = talk(request) { false }
            if (outcome.redialMillis == 0L) continue
            outcome.failure?.let { throw it }
            return outcome.reply
        }
    }

    private suspend fun talk(request: ByteArray, isUnwanted: () -> Boolean): Talk.Outcome {
        if (isClosed) throw closed()
        return withContext(thread) {
            Talk(replica, request, sockets) { news.trySend(Unit) }.use { talk ->
                var wait = talk.step()
                while (wait >= 0 && !isUnwanted()) {
                    withTimeoutOrNull(wait.coerceAtLeast(1)) { news.receive() }
                    wait = talk.step()
                }
                talk.finish()
            }
        }
    }

    /** The library says that there is something to pull. On its thread, after the call. */
    private fun pull() {
        news.trySend(Unit)
        if (isClosed || !isAwake.value) return
        while (true) {
            val event = replica.nextEvent() ?: break
            when (event["event"]) {
                "rows" -> watchers[event["watch"] as Long]?.trySend(Unit)
                "sync" -> syncEvent.value = event
            }
        }
    }

    companion object {
        /** Opens the database, or makes it, on a new thread. */
        suspend fun open(options: Replica.Options, sockets: Sockets): Trellis {
            val thread = Executors.newSingleThreadExecutor { body ->
                Thread(body, "trellis").apply { isDaemon = true }
            }.asCoroutineDispatcher()
            return try {
                // A replica that nobody gets would stay open.
                withContext(NonCancellable + thread) {
                    val trellis = Trellis(Replica.open(options), thread, sockets)
                    trellis.replica.onWake { thread.executor.execute(trellis::pull) }
                    trellis
                }
            } catch (why: Throwable) {
                thread.close()
                throw why
            }
        }
    }
}
