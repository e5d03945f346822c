package org.alborz.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
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
final class BarrierStage {
    private BarrierStage() {}

    /** What a task does with its rows. */
    interface Work<T, R extends Serializable> extends Serializable {
        R run(BarrierTaskContext context, Iterator<T> rows) throws Exception;
    }

    /**
     * Runs the tasks and returns what they returned. Spark starts all of them again where one is lost. What they return is written by Java's
     * serialization, as what they do is: {@code spark.serializer} may be Kryo, which takes no records.
     */
    static <T, R extends Serializable> List<R> run(JavaRDD<T> rows, Work<T, R> work) {
        // Java's RDD has no barrier(), so this is Scala's.
        // The tag says Object, since Spark takes Kryo unasked for what it knows to be bytes, which needs a Java with
        // more options.
        ClassTag<byte[]> tag = ClassTag$.MODULE$.apply(Object.class);
        Function1<scala.collection.Iterator<T>, scala.collection.Iterator<byte[]>> task =
                (Function1<scala.collection.Iterator<T>, scala.collection.Iterator<byte[]>> & Serializable)
                        part -> of(work, part);
        JavaRDD<byte[]> results =
                rows.rdd().barrier().mapPartitions(task, false, tag).toJavaRDD();
        List<R> found = new ArrayList<>();
        // Spark repeats a barrier stage only where another one needs its output.
        for (byte[] result : results.repartition(1).collect()) {
            found.add(read(result));
        }
        return found;
    }

    private static <T, R extends Serializable> scala.collection.Iterator<byte[]> of(
            Work<T, R> work, scala.collection.Iterator<T> part) {
        try {
            R result = work.run(BarrierTaskContext.get(), CollectionConverters.asJava(part));
            return CollectionConverters.asScala(List.of(written(result)).iterator());
        } catch (Exception e) {
            throw BarrierStage.<RuntimeException>unchecked(e);
        }
    }

    private static byte[] written(Serializable result) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(result);
        }
        return bytes.toByteArray();
    }

    @SuppressWarnings("unchecked")
    private static <R extends Serializable> R read(byte[] result) {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(result))) {
            return (R) in.readObject();
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException("What a task returned cannot be read", e);
        }
    }

    /** Lets Spark see the exception itself, which it tells the driver. */
    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable failure) throws E {
        throw (E) failure;
    }
}
