package org.alborz.spark;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;

/** Refuses a cluster on which the ranks could not run, in words, before Spark waits for what does not come. */
final class Requirements {
    private static final String VECTOR = "jdk.incubator.vector";

    /** What Java on the executors should be started with: the module, and the limits of jvm.options for all methods. */
    private static final String OPTIONS =
            "--add-modules=" + VECTOR + " -XX:PerMethodTrapLimit=1000000 -XX:PerMethodRecompilationCutoff=4000";

    private static final long POLL_MILLIS = 100;

    private Requirements() {}

    /**
     * Requires that as many tasks as there are ranks can run at the same time, and that they can compute.
     *
     * @param resources of a task
     * @param patience for executors that are being started
     * @throws IllegalArgumentException when a setting of Spark rules it out
     * @throws IllegalStateException when there are not enough slots, or Java on the executors lacks an option
     */
    static void check(JavaSparkContext spark, int ranks, String backend, ResourceProfile resources, Duration patience) {
        refuse(
                spark.getConf(),
                "spark.dynamicAllocation.enabled",
                "executors that come and go cannot form a group; set it to false and say how many with"
                        + " spark.executor.instances");
        refuse(
                spark.getConf(),
                "spark.speculation",
                "a second copy of a task would be a second process of the same rank; set it to false");
        awaitSlots(spark, ranks, resources, patience);
        if (backend.equals("cpu-vector") || backend.equals("auto")) {
            requireVectors(spark, ranks);
        }
    }

    private static void refuse(SparkConf settings, String name, String reason) {
        if (settings.getBoolean(name, false)) {
            throw new IllegalArgumentException("SparkTrainer cannot train with " + name + "=true: " + reason);
        }
    }

    private static void awaitSlots(JavaSparkContext spark, int ranks, ResourceProfile resources, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        int slots = slots(spark, resources);
        while (slots < ranks && System.nanoTime() < deadline) {
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while waiting for executors", e);
            }
            slots = slots(spark, resources);
        }
        if (slots < ranks) {
            throw new IllegalStateException("SparkTrainer needs " + ranks + " tasks at the same time, and the cluster "
                    + spark.master() + " has room for " + slots + " after " + patience
                    + ": start more executors (spark.executor.instances, spark.cores.max, or a larger local[N]), give each more cores"
                    + " (spark.executor.cores), or ask for fewer ranks");
        }
    }

    private static int slots(JavaSparkContext spark, ResourceProfile resources) {
        return spark.sc().maxNumConcurrentTasks(resources);
    }

    private static void requireVectors(JavaSparkContext spark, int ranks) {
        List<Integer> tasks = IntStream.range(0, ranks).boxed().toList();
        boolean everywhere = spark.parallelize(tasks, ranks)
                .map(task -> ModuleLayer.boot().findModule(VECTOR).isPresent())
                .reduce(Boolean::logicalAnd);
        if (!everywhere) {
            throw new IllegalStateException("Java on the executors was started without its module " + VECTOR
                    + ", without which the CPU backend is many times slower. Add"
                    + " --conf \"spark.executor.extraJavaOptions=" + OPTIONS
                    + "\" to spark-submit, for a local master also --driver-java-options \"" + OPTIONS
                    + "\"; or say backend(\"cpu-scalar\")");
        }
    }
}
