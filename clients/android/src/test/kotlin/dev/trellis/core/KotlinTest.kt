// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** The coroutine layer, with a real server and calls from many threads. */
fun main() = runBlocking(Dispatchers.Default) {
    twoStayTrue()
    anythingFromAnywhere()
    sleepingAndWaking()
    aPassWhileAsleep()
    theClosedStayClosed()
    println("all is well")
}

private suspend fun open() = Trellis.open(Replica.Options(), JdkSockets())

private suspend fun refused(code: String, body: suspend () -> Unit) {
    val got = try {
        body()
        "nothing"
    } catch (why: TrellisException) {
        why.code()
    }
    Check.isEqual(code, got, "a refusal")
}

private class Place(val server: Server, val first: Trellis, val space: String)

private suspend fun found(server: Server): Place {
    val first = open()
    first.call("org_create", "name" to "District", "url" to server.url())
    val space = first.call("space_create", "name" to "School")["space"] as String
    first.sync()
    return Place(server, first, space)
}

private suspend fun Place.join(): Trellis {
    val grant = mapOf("space" to space, "rights" to listOf("read", "write"))
    val invite = first.call("invite", "role" to "member", "spaces" to listOf(grant))["invite"]
    first.sync()
    val second = open()
    second.join(invite as String, "second")
    first.sync() // a join is followed by a new key
    second.sync()
    return second
}

/** Both stay; each hears of the other's writes, and a one-off sync between disturbs nobody. */
private suspend fun twoStayTrue() = Server().use { server ->
    val place = found(server)
    val second = place.join()
    coroutineScope {
        val staying = listOf(launch { place.first.stay() }, launch { second.stay() })
        val heard = async { second.rows("type" to "check_in").first { it.size == 1 } }
        val record = place.first.put(place.space, "check_in", mapOf("method" to "phone"))
        Check.isEqual(record, heard.await().single()["rec"], "the other's row")
        second.sync()
        val back = async { place.first.rows("type" to "check_in").first { it.size == 2 } }
        second.put(place.space, "check_in", mapOf("method" to "phone"))
        back.await()
        second.status.first { it["connected"] == true }
        staying.forEach { it.cancelAndJoin() }
    }
    Check.isEqual(place.first.call("digest"), second.call("digest"), "digests")
    place.first.close()
    second.close()
}

private suspend fun anythingFromAnywhere() {
    val trellis = open()
    trellis.call("org_create", "name" to "District", "url" to "ws://127.0.0.1:1/sync")
    val space = trellis.call("space_create", "name" to "School")["space"] as String
    coroutineScope {
        repeat(8) {
            launch(Dispatchers.IO) {
                repeat(25) { trellis.put(space, "check_in", mapOf("method" to "phone")) }
            }
        }
    }
    val counted = trellis.query("SELECT count(*) AS n FROM check_in")
    Check.isEqual(listOf(mapOf("n" to 200L)), counted, "all of them")
    refused("offline") { trellis.sync() }
    refused("invalid") { trellis.call("no such verb") }
    trellis.close()
}

private suspend fun sleepingAndWaking() = Server().use { server ->
    val place = found(server)
    coroutineScope {
        val seen = CompletableDeferred<Unit>()
        val list = async {
            place.first.rows("type" to "check_in").first { seen.complete(Unit); it.size == 1 }
        }
        val staying = launch { place.first.stay() }
        seen.await()
        place.first.status.first { it["connected"] == true }
        place.first.suspendFiles()
        refused("suspended") { place.first.call("spaces") }
        place.first.resumeFiles()
        place.first.put(place.space, "check_in", mapOf("method" to "phone"))
        list.await()
        place.first.status.first { it["connected"] == true }
        staying.cancelAndJoin()
    }
    place.first.close()
}

/** Woken for a pass, and asleep again; two passes at once are two passes. */
private suspend fun aPassWhileAsleep() = Server().use { server ->
    val place = found(server)
    val second = place.join()
    val record = place.first.put(place.space, "check_in", mapOf("method" to "phone"))
    place.first.suspendFiles()
    refused("suspended") { place.first.sync() }
    coroutineScope {
        val passes = List(2) { async { place.first.syncInBackground() } }
        Check.isEqual(1L, passes.sumOf { it.await()["sent"] as Long }, "sent once")
    }
    refused("suspended") { place.first.call("spaces") }
    server.stop()
    refused("offline") { place.first.syncInBackground() }
    refused("suspended") { place.first.call("spaces") }
    server.start()
    place.first.resumeFiles()
    place.first.syncInBackground()
    Check.isEqual(record, place.first.call("get", "rec" to record)["rec"], "awake stays awake")
    second.syncInBackground()
    Check.isEqual(place.first.call("digest"), second.call("digest"), "digests")
    place.first.close()
    second.close()
    refused("closed") { second.syncInBackground() }
}

private suspend fun theClosedStayClosed() = Server().use { server ->
    val place = found(server)
    coroutineScope {
        val started = CompletableDeferred<Unit>()
        val list = launch {
            refused("closed") {
                place.first.rows("type" to "check_in").first { started.complete(Unit); false }
            }
        }
        val staying = launch { runCatching { place.first.stay() } }
        started.await()
        place.first.close()
        place.first.close()
        list.join()
        staying.join()
    }
    refused("closed") { place.first.call("spaces") }
    refused("closed") { place.first.sync() }
}
