// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core

import android.content.Context
import androidx.work.BackoffPolicy
import androidx.work.Constraints
import androidx.work.CoroutineWorker
import androidx.work.ExistingPeriodicWorkPolicy
import androidx.work.NetworkType
import androidx.work.PeriodicWorkRequestBuilder
import androidx.work.WorkManager
import androidx.work.WorkerParameters
import java.util.concurrent.TimeUnit

/** What the app's Application implements for [SyncWorker]: gives the one Trellis of its process. */
interface TrellisOwner {
    /** Opens it where no screen has done so yet. Fails as [Trellis.open] does. */
    suspend fun trellis(): Trellis
}

/** A pass now and then, with or without a screen. [schedule] it once the device has joined. */
class SyncWorker(context: Context, parameters: WorkerParameters) :
    CoroutineWorker(context, parameters) {

    override suspend fun doWork(): Result {
        val owner = applicationContext as? TrellisOwner ?: return Result.failure()
        return try {
            owner.trellis().syncInBackground()
            Result.success()
        } catch (why: TrellisException) {
            // A periodic work that failed runs at its next turn all the same.
            if (why.code() in WORTH_RETRYING) Result.retry() else Result.failure()
        }
    }

    companion object {
        private const val NAME = "dev.trellis.sync"
        private val WORTH_RETRYING = setOf("offline", "timeout", "busy", "suspended")

        /** Every so many minutes where there is a network; Android takes 15 for anything less. */
        fun schedule(context: Context, minutes: Long = 60) {
            val connected = Constraints.Builder()
                .setRequiredNetworkType(NetworkType.CONNECTED)
                .build()
            val work = PeriodicWorkRequestBuilder<SyncWorker>(minutes, TimeUnit.MINUTES)
                .setConstraints(connected)
                .setBackoffCriteria(BackoffPolicy.EXPONENTIAL, 1, TimeUnit.MINUTES)
                .build()
            WorkManager.getInstance(context)
                .enqueueUniquePeriodicWork(NAME, ExistingPeriodicWorkPolicy.UPDATE, work)
        }

        fun cancel(context: Context) {
            WorkManager.getInstance(context).cancelUniqueWork(NAME)
        }
    }
}
