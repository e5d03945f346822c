package org.alborz.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaRDD;
import scala.Function1;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** Runs a task for each partition of an RDD, all at the same time (a barrier stage). */
final class Gang {
    private Gang() {}

    /** What a task does with its rows. */
    interface Work<T, R> extends Serializable {
        R run(BarrierTaskContext context, Iterator<T> rows) throws Exception;
    }

    /** Runs the tasks and returns what they returned. Spark starts all of them again where one is lost. */
    static <T, R> List<R> run(JavaRDD<T> rows, Work<T, R> work) {
        // Java's RDD has no barrier(), so this is Scala's.
        ClassTag<R> tag = ClassTag$.MODULE$.apply(Object.class);
        Function1<scala.collection.Iterator<T>, scala.collection.Iterator<R>> task =
                (Function1<scala.collection.Iterator<T>, scala.collection.Iterator<R>> & Serializable)
                        part -> of(work, part);
        JavaRDD<R> results =
                rows.rdd().barrier().mapPartitions(task, false, tag).toJavaRDD();
        // Spark repeats a barrier stage only where another one needs its output.
        return new ArrayList<>(results.repartition(1).collect());
    }

    private static <T, R> scala.collection.Iterator<R> of(Work<T, R> work, scala.collection.Iterator<T> part) {
        try {
            R result = work.run(BarrierTaskContext.get(), CollectionConverters.asJava(part));
            return CollectionConverters.asScala(List.of(result).iterator());
        } catch (Exception e) {
            throw Gang.<RuntimeException>unchecked(e);
        }
    }

    /** Lets Spark see the exception itself, which it tells the driver. */
    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable failure) throws E {
        throw (E) failure;
    }
}
