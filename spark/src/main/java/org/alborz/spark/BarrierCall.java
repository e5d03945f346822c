package org.alborz.spark;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.BarrierTaskContext;

/** Calls that wait for all tasks of a barrier stage, with a time-out; Spark has one for the whole cluster only ({@code spark.barrier.sync.timeout}), a year unless set. */
final class BarrierCall {
    private BarrierCall() {}

    /**
     * Returns what each rank gave, by rank.
     *
     * @param what the ranks wait for, after "waited for all ranks"
     * @throws IllegalStateException when they did not come in time; Spark then ends the other tasks of the stage
     */
    static String[] allGather(BarrierTaskContext task, String own, Duration timeout, String what) {
        return within(
                timeout, "Rank " + task.partitionId() + " has waited for all ranks " + what, () -> task.allGather(own));
    }

    /** Makes a call by a thread of its own, which is left behind where it does not return in time: Spark's cannot be interrupted. */
    static <T> T within(Duration timeout, String waiting, Callable<T> call) {
        FutureTask<T> result = new FutureTask<>(call);
        Thread thread = new Thread(result, "alborz-barrier");
        thread.setDaemon(true);
        thread.start();
        try {
            return result.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    waiting + " for " + timeout
                            + ", and not all came. An executor may be stopped, or wait for a disk or the network; look at its log",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // Spark ends the task
            throw new IllegalStateException(waiting + ", and was interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(waiting + ": " + e.getCause(), e.getCause());
        }
    }
}
