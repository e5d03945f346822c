package org.alborz.spark;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.alborz.data.Dataset;
import org.alborz.data.Field;
import org.alborz.data.Sample;
import org.alborz.distributed.Collective;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/** The rows of one rank, in memory, as a part of a dataset of which the other ranks hold the rest. */
final class Shard implements Dataset {
    private final ShardSampler sampler;
    private final int rank;
    private final int size;
    private final SampleColumns columns;
    private final int width;
    private final List<Field> fields;
    private final float[] inputs;
    private final float[] targets;

    /** Null before it is compared. */
    private final String content;

    private Shard(
            ShardSampler sampler,
            int rank,
            int size,
            SampleColumns columns,
            int width,
            float[] inputs,
            float[] targets,
            String content) {
        this.sampler = sampler;
        this.rank = rank;
        this.size = size;
        this.columns = columns;
        this.width = width;
        this.fields = columns.fields(width);
        this.inputs = inputs;
        this.targets = targets;
        this.content = content;
    }

    /**
     * Reads a rank's rows, which come with their numbers in any order.
     *
     * @param size how many rows all ranks have
     */
    static Shard read(
            Iterator<Tuple2<Long, Row>> rows, int size, ShardSampler sampler, SampleColumns columns, int rank) {
        int count = sampler.count(size, rank);
        float[] inputs = null;
        float[] targets = new float[count];
        int width = 0;
        int found = 0;
        while (rows.hasNext()) {
            Tuple2<Long, Row> row = rows.next();
            String where = "row " + row._1();
            float[] input = columns.input(row._2(), 0, where);
            if (inputs == null) {
                width = input.length;
                inputs = new float[requireFits(count, width, columns)];
            }
            if (input.length != width) {
                throw new IllegalArgumentException(
                        "The input columns " + columns + " expect as many values in each row, got " + input.length
                                + " in " + where + " and " + width + " before");
            }
            int place = sampler.place(row._1());
            System.arraycopy(input, 0, inputs, place * width, width);
            targets[place] = columns.hasTarget() ? columns.target(row._2(), where) : 0;
            found++;
        }
        if (found != count) {
            throw new IllegalStateException("Rank " + rank + " expects " + count + " rows, got " + found
                    + "; the DataFrame has to give the same rows whenever it is computed: cache or save it first");
        }
        return new Shard(sampler, rank, size, columns, width, inputs, targets, null);
    }

    /** Returns how many values a rank's rows have, which it keeps in one array. */
    private static int requireFits(int count, int width, SampleColumns columns) {
        long values = (long) count * width;
        if (values > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("A rank expects fewer than 2^31 values, got " + count + " rows of "
                    + width + " values of the columns " + columns + "; take more ranks");
        }
        return (int) values;
    }

    /** Returns the same rows, which are compared with those of the other ranks; all call it at the same time. */
    Shard compared(Collective ranks) {
        CRC32C own = new CRC32C();
        ByteBuffer bytes = ByteBuffer.allocate(Math.max(1, width) * Float.BYTES);
        for (int place = 0; place < targets.length; place++) {
            bytes.clear().asFloatBuffer().put(inputs, place * width, width);
            own.update(bytes);
            own.update(ByteBuffer.allocate(Float.BYTES).putFloat(0, targets[place]));
        }
        ByteBuffer said =
                ByteBuffer.allocate(Integer.BYTES + Long.BYTES).putInt(0, width).putLong(Integer.BYTES, own.getValue());
        CRC32C all = new CRC32C();
        for (byte[] other : ranks.allGather(said.array())) {
            int wide = ByteBuffer.wrap(other).getInt();
            if (wide != width) {
                throw new IllegalArgumentException("The input columns " + columns
                        + " expect as many values in each row, got " + width + " of rank " + rank + " and "
                        + wide
                        + " of another");
            }
            all.update(other);
        }
        return new Shard(sampler, rank, size, columns, width, inputs, targets, Long.toHexString(all.getValue()));
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public List<Field> fields() {
        return fields;
    }

    @Override
    public void read(int index, Sample into) {
        if (sampler.shard(index) != rank) {
            throw new IllegalStateException(
                    "Row " + index + " is one of rank " + sampler.shard(index) + ", not of rank " + rank);
        }
        int place = sampler.place(index);
        into.put(0, inputs, place * width);
        if (columns.classes() > 0) {
            into.set(1, (long) targets[place]);
        } else if (columns.hasTarget()) {
            into.set(1, targets[place]);
        }
    }

    /** Returns a checksum of all rows of all ranks. */
    @Override
    public String checksum() {
        return content;
    }

    @Override
    public List<String> classes() {
        return IntStream.range(0, columns.classes()).mapToObj(Integer::toString).toList();
    }

    @Override
    public String description() {
        return size + " rows of a DataFrame, " + columns + ", in " + sampler.shards() + " shards";
    }
}
