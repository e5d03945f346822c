package org.alborz.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Computes a model's outputs for the rows of a DataFrame: each task opens a session, loads the weights once and reads its rows in batches. It is no
 * barrier stage, so any number of tasks does.
 */
public final class SparkPredictor {
    private static final int USUAL_BATCH = 64;

    private final NetSource net;
    private final byte[] weights;
    private final SampleColumns columns;
    private final String backend;
    private int batchSize = USUAL_BATCH;

    SparkPredictor(NetSource net, byte[] weights, SampleColumns columns, String backend) {
        this.net = net;
        this.weights = weights;
        this.columns = columns;
        this.backend = backend;
    }

    /**
     * Predicts with the weights of a file, of {@link SparkModel#save}, a checkpoint or another program.
     *
     * @param file that the driver reads
     * @param columns the inputs; a target is not looked at
     */
    public static SparkPredictor of(NetSource net, Path file, SampleColumns columns, String backend) {
        try {
            return new SparkPredictor(net, Files.readAllBytes(file), columns, backend);
        } catch (IOException e) {
            throw new UncheckedIOException("The weights " + file + " could not be read", e);
        }
    }

    /** Sets how many rows are computed at a time; 64 unless set. */
    public SparkPredictor batchSize(int rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("SparkPredictor expects a batch size of at least 1, got " + rows);
        }
        batchSize = rows;
        return this;
    }

    /**
     * Adds the model's output to each row, such as the logits of classes.
     *
     * @param output the name of the new column, an array of float
     * @return the rows with it; Spark computes them when they are asked for
     * @throws IllegalArgumentException when an input column is missing or of another type, or the new one exists
     */
    public Dataset<Row> transform(Dataset<Row> rows, String output) {
        SampleColumns inputs = columns.withoutTarget();
        inputs.require(rows.schema());
        if (Arrays.asList(rows.columns()).contains(output)) {
            throw new IllegalArgumentException(
                    "The DataFrame has a column '" + output + "' already; name the output differently");
        }
        Broadcast<byte[]> shared = JavaSparkContext.fromSparkContext(
                        rows.sparkSession().sparkContext())
                .broadcast(weights);
        StructType schema = rows.schema().add(output, DataTypes.createArrayType(DataTypes.FloatType, false), false);
        NetSource source = net;
        String name = backend;
        int size = batchSize;
        int all = rows.columns().length;
        // The inputs behind the row's own columns, since those may be the same ones in another order.
        Dataset<Row> with = rows.select(Stream.concat(
                        Stream.of(functions.col("*")),
                        Arrays.stream(inputs.names())
                                .map(column ->
                                        SampleColumns.column(rows, column).as("alborz input " + column)))
                .toArray(Column[]::new));
        MapPartitionsFunction<Row, Row> predict =
                part -> new PredictedRows(part, all, inputs, source, shared, name, size);
        return with.mapPartitions(predict, Encoders.row(schema));
    }
}
