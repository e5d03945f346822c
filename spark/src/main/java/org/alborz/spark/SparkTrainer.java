package org.alborz.spark;

import java.io.NotSerializableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alborz.text.Given;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Trains a net on the executors of a Spark cluster, by as many tasks at a time as it has ranks (a barrier stage). Each rank holds a part of the
 * rows in memory and computes every {@code ranks}th batch; gradients are added up in the order of the ranks, so the weights are, bit for bit, those
 * of one process that accumulates as many batches.
 *
 * <pre>{@code
 * SparkModel trained = SparkTrainer.of(() -> new Sequential(new Linear(4, 16).activation(Activation.RELU), new Linear(16, 3)),
 *                 model -> Trainer.classifier(model, new Adam(0.01)))
 *         .ranks(2).backend("cpu-vector").batchSize(32).epochs(20)
 *         .checkpoint("/shared/runs/iris", 100)
 *         .fit(flowers, SampleColumns.inputs("a", "b", "c", "d").label("species", 3));
 * }</pre>
 *
 * <p>Both lambdas run on the executors. A rank that is lost ends the others within the time-out; Spark then starts all of them again
 * ({@code spark.stage.maxConsecutiveAttempts}, 4 unless set), and they go on from the last save of {@link #checkpoint} to the bits of a run that nothing
 * happened to, or begin again where there is none.
 */
public final class SparkTrainer {
    private static final Logger log = LoggerFactory.getLogger(SparkTrainer.class);

    /** Whether Spark interrupts the threads of tasks that it ends. */
    private static final String INTERRUPT = "spark.job.interruptOnCancel";

    /** An executor's exception in the text of Spark's own. */
    private static final Pattern CAUSE = Pattern.compile("(\\w+\\.)+\\w*(Exception|Error): .*");

    private final NetSource net;
    private final TrainerSource trainer;
    private int ranks = 2;
    private String backend = "auto";
    private int batchSize = 32;
    private boolean shuffle = true;
    private int epochs = 1;
    private long seed;
    private String directory;
    private long everySteps;
    private String keyStore;
    private int cores;
    private int gpus;
    private Duration readTimeout = Duration.ofHours(1);
    private Duration timeout = Duration.ofMinutes(2);
    private Duration patience = Duration.ofMinutes(1);

    private SparkTrainer(NetSource net, TrainerSource trainer) {
        this.net = Given.value(net, "SparkTrainer", "what makes the net");
        this.trainer = Given.value(trainer, "SparkTrainer", "what describes its training");
    }

    /** Starts the description of a training. */
    public static SparkTrainer of(NetSource net, TrainerSource trainer) {
        return new SparkTrainer(net, trainer);
    }

    NetSource net() {
        return net;
    }

    TrainerSource trainer() {
        return trainer;
    }

    /** Sets how many tasks train together; 2 unless set. */
    public SparkTrainer ranks(int count) {
        ranks = requireAtLeast1(count, "ranks");
        return this;
    }

    /** Sets the backend of all ranks by its name; {@code auto} unless set, and then ranks that choose different ones are refused. */
    public SparkTrainer backend(String name) {
        backend = Given.value(name, "SparkTrainer", "the name of a backend");
        return this;
    }

    /** Sets how many samples a batch of one rank has; a step is of a batch of each. 32 unless set. */
    public SparkTrainer batchSize(int samples) {
        batchSize = requireAtLeast1(samples, "samples in a batch");
        return this;
    }

    /** Sets whether each rank puts its samples into another order in each epoch; true unless set. */
    public SparkTrainer shuffle(boolean value) {
        shuffle = value;
        return this;
    }

    /** Sets how many epochs the run has; 1 unless set. */
    public SparkTrainer epochs(int count) {
        epochs = requireAtLeast1(count, "epochs");
        return this;
    }

    /** Sets what first weights and the order of samples are drawn from; 0 unless set. */
    public SparkTrainer seed(long value) {
        seed = value;
        return this;
    }

    /**
     * Saves the state of the run, so that it goes on after a rank was lost, and after this program was: a training of the same rows and settings with the
     * same directory goes on where the former one was saved last.
     *
     * @param shared a directory that all executors see under this path
     * @param steps between two saves; 0 saves after each epoch only
     */
    public SparkTrainer checkpoint(String shared, long steps) {
        if (!Path.of(shared).isAbsolute() || steps < 0) {
            throw new IllegalArgumentException(
                    "SparkTrainer expects an absolute path that all executors see and at least 0 steps, got '" + shared
                            + "' and " + steps);
        }
        directory = shared;
        everySteps = steps;
        return this;
    }

    /**
     * Sets what each rank takes of an executor by stage-level scheduling, whatever {@code spark.task.cpus} is for other stages; {@code cores} is also how many threads it computes
     * with. Spark's own settings unless set. A cluster is needed: Spark has no stage-level scheduling with a local master.
     *
     * @param cores at least 1
     * @param gpus 0, or 1 for the backend {@code cuda}
     */
    public SparkTrainer taskResources(int cores, int gpus) {
        this.cores = requireAtLeast1(cores, "cores of a rank");
        if (gpus < 0 || gpus > 1) {
            throw new IllegalArgumentException(
                    "SparkTrainer expects 0 GPUs or 1 for each rank, got " + gpus + "; use as many ranks as GPUs");
        }
        this.gpus = gpus;
        return this;
    }

    /**
     * Encrypts what passes between the ranks by TLS; not encrypted unless set.
     *
     * @param file a PKCS #12 file on all executors, with one key for all ranks; its password is in their environment, in {@code ALBORZ_KEYSTORE_PASSWORD}
     *     ({@code spark.executorEnv.ALBORZ_KEYSTORE_PASSWORD} in a properties file that only the user can read, since others see what {@code --conf} gives)
     */
    public SparkTrainer keyStore(String file) {
        keyStore = Given.value(file, "SparkTrainer", "a key store");
        return this;
    }

    /** Sets how long a rank that has its rows waits for the others to read theirs before all give up; 1 hour unless set. */
    public SparkTrainer readTimeout(Duration value) {
        readTimeout = requireAbove0(value);
        return this;
    }

    /** Sets how long a rank waits for another one before all give up, when all have their rows ({@link #readTimeout}); 2 minutes unless set. */
    public SparkTrainer timeout(Duration value) {
        timeout = requireAbove0(value);
        return this;
    }

    private static Duration requireAbove0(Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("SparkTrainer expects a time-out above 0, got " + value);
        }
        return value;
    }

    /** Sets how long it waits for executors to be started; 1 minute unless set. */
    public SparkTrainer startTimeout(Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException("SparkTrainer expects a time-out of at least 0, got " + value);
        }
        patience = value;
        return this;
    }

    private static int requireAtLeast1(int count, String what) {
        if (count < 1) {
            throw new IllegalArgumentException("SparkTrainer expects at least 1 of its " + what + ", got " + count);
        }
        return count;
    }

    /**
     * Trains, and returns when all epochs are done. The rows are numbered in the order of the DataFrame and must be the same whenever Spark computes
     * them; rows of a shuffled query are cached or saved first.
     *
     * @throws IllegalArgumentException when a column is missing or of another type, there are fewer batches than ranks, a lambda holds
     *     what cannot be sent to executors, or a setting of Spark rules training out
     * @throws IllegalStateException when the cluster has too few slots, or the training failed; the cause is Spark's exception
     */
    public SparkModel fit(Dataset<Row> rows, SampleColumns columns) {
        columns.require(rows.schema());
        if (!columns.hasTarget()) {
            throw new IllegalArgumentException(
                    "SparkTrainer expects columns with a target; add label(column, classes) or target(column)");
        }
        JavaSparkContext spark =
                JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext());
        ResourceProfile resources = resources(spark);
        Requirements.check(spark, ranks, backend, resources, patience);
        JavaRDD<Row> read = rows.select(columnsOf(rows, columns)).javaRDD();
        long count = read.count();
        if (count > Integer.MAX_VALUE || count <= (long) (ranks - 1) * batchSize) {
            throw new IllegalArgumentException("SparkTrainer expects rows for at least a batch of each of " + ranks
                    + " ranks, and fewer than 2^31; got " + count + " rows in batches of " + batchSize
                    + "; take smaller batches or fewer ranks");
        }
        ShardSampler sampler = new ShardSampler(ranks, batchSize, shuffle);
        RankTraining training = new RankTraining(
                net,
                trainer,
                columns,
                sampler,
                count,
                backend,
                seed,
                epochs,
                directory,
                everySteps,
                keyStore,
                readTimeout,
                timeout);
        JavaRDD<Tuple2<Long, Row>> shards = read.zipWithIndex()
                .mapToPair(row -> new Tuple2<>(sampler.shard(row._2()), new Tuple2<>(row._2(), row._1())))
                .partitionBy(new HashPartitioner(ranks))
                .map(row -> row._2());
        log.info("Training by {} ranks on {} rows", ranks, count);
        RankTraining.Result first = run(spark, shards.withResources(resources), training).stream()
                .min(Comparator.comparingInt(RankTraining.Result::rank))
                .orElseThrow();
        if (!first.refusal().isEmpty()) {
            throw new IllegalArgumentException(first.refusal());
        }
        return new SparkModel(net, columns, backend, first.weights(), first.epochs());
    }

    /** Returns what each task takes. */
    private ResourceProfile resources(JavaSparkContext spark) {
        if (cores == 0) {
            return spark.sc().resourceProfileManager().defaultResourceProfile();
        }
        if (spark.isLocal()) {
            throw new IllegalArgumentException("SparkTrainer.taskResources needs a cluster: Spark has no stage-level"
                    + " scheduling with the master " + spark.master() + "; leave it out");
        }
        TaskResourceRequests requests = new TaskResourceRequests().cpus(cores);
        if (gpus > 0) {
            requests.resource("gpu", gpus);
        }
        ResourceProfile profile = new ResourceProfileBuilder().require(requests).build();
        spark.sc().resourceProfileManager().addResourceProfile(profile);
        return profile;
    }

    private static Column[] columnsOf(Dataset<Row> rows, SampleColumns columns) {
        return Arrays.stream(columns.names())
                .map(name -> SampleColumns.column(rows, name))
                .toArray(Column[]::new);
    }

    private static List<RankTraining.Result> run(
            JavaSparkContext spark, JavaRDD<Tuple2<Long, Row>> shards, RankTraining training) {
        String interrupts = spark.getLocalProperty(INTERRUPT);
        spark.setLocalProperty(INTERRUPT, "true"); // else ranks that wait for a lost one would do so until the time-out
        try {
            return BarrierStage.run(shards, training::run);
        } catch (Exception e) { // Spark's own is checked, and not declared
            if (e.getCause() instanceof NotSerializableException held) {
                throw new IllegalArgumentException(
                        "The lambdas of SparkTrainer are sent to the executors, and hold an object that cannot be sent, of "
                                + String.valueOf(held.getMessage())
                                        .lines()
                                        .findFirst()
                                        .orElse("")
                                + "; make it within the lambda",
                        e);
            }
            Matcher cause = CAUSE.matcher(String.valueOf(e.getMessage()));
            throw new IllegalStateException(
                    "The training on Spark failed, the last time by " + (cause.find() ? cause.group() : e.toString()),
                    e);
        } finally {
            spark.setLocalProperty(INTERRUPT, interrupts);
        }
    }
}
