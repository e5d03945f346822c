package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.alborz.backend.BackendOptions;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.distributed.Collective;
import org.alborz.distributed.CollectiveException;
import org.alborz.distributed.Reduction;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.GradientBuckets.Bucket;
import org.alborz.train.RankThreads.Outcome;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gradients that ranks exchange in buckets while others are computed are those that they exchange at the end, bit for bit. */
@Timeout(300)
class GradientBucketsTest {
    private static final int WIDTH = 40;

    private static Session open(DType type) {
        return Session.open("cpu-scalar", BackendOptions.defaults().withThreads(1), type);
    }

    private static Sequential net() {
        return new Sequential(
                new Linear(3, WIDTH),
                new BatchNorm(WIDTH),
                new Linear(WIDTH, WIDTH).activation(Activation.RELU),
                new Linear(WIDTH, WIDTH).activation(Activation.RELU),
                new Linear(WIDTH, 2));
    }

    /** Five batches of 4: with two ranks the last step is of one. */
    private static DataLoader points() {
        float[][] inputs = new float[20][];
        int[] labels = new int[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = new float[] {i % 3, (float) Math.sin(i), (float) Math.cos(3 * i)};
            labels[i] = i % 2;
        }
        return DataLoader.of(ArrayDataset.of(inputs, labels), 4).workers(1).build();
    }

    private static double[] train(DType type, java.util.function.Consumer<Trainer.Builder> settings) {
        try (Session session = open(type);
                Model model = Model.create(session, net(), 1)) {
            Trainer.Builder builder = Trainer.classifier(model, new Sgd(0.1)).clipNorm(0.5);
            settings.accept(builder);
            Trainer trainer = builder.build();
            trainer.fit(points(), 2);
            if (trainer.worldSize() > 1) {
                assertThat(trainer.communicationOverlap()).isBetween(0.0, 1.0);
            } else {
                assertThat(trainer.communicationOverlap()).isNaN();
            }
            return model.values().toDoubles();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, FLOAT32, local, 1",
        "7000, FLOAT32, tcp, 1",
        "7000, FLOAT64, local, 2",
        "9223372036854775807, FLOAT64, tcp, 1"
    })
    void anySizeGivesTheBitsOfOneProcess(long bytes, DType type, String kind, int accumulation) throws Exception {
        double[] alone = accumulation > 1 ? null : train(type, builder -> builder.gradientAccumulation(2));
        List<double[]> ranks = RankThreads.run(
                kind,
                2,
                collective -> train(
                        type,
                        builder -> builder.collective(collective)
                                .bucketBytes(bytes)
                                .gradientAccumulation(accumulation)));
        List<double[]> atOnce = RankThreads.run(
                "local",
                2,
                collective -> train(
                        type,
                        builder -> builder.collective(collective)
                                .bucketBytes(Long.MAX_VALUE)
                                .gradientAccumulation(accumulation)));
        for (double[] weights : ranks) {
            assertThat(weights).isEqualTo(atOnce.get(0));
            assertThat(alone == null || Arrays.equals(weights, alone)).isTrue();
        }
    }

    /** Statistics are exchanged between two buckets, and in the last step a rank has no batch. */
    @ParameterizedTest
    @CsvSource({"local", "tcp"})
    void synchronisedBatchNormTakesPartInTheOrder(String kind) throws Exception {
        List<List<double[]>> runs = new ArrayList<>();
        List<StringBuffer> calls = List.of(new StringBuffer(), new StringBuffer());
        for (long bytes : new long[] {1, Long.MAX_VALUE}) {
            runs.add(RankThreads.run(
                    kind,
                    2,
                    collective -> train(
                            DType.FLOAT32,
                            builder -> builder.collective(
                                            new Recorded(collective, calls.get(bytes == 1 ? collective.rank() : 0), 0))
                                    .syncBatchNorm(true)
                                    .bucketBytes(bytes))));
        }
        // Three layers' weights and biases, the statistics of the gradient, and the first layers' parameters.
        assertThat(calls.get(1).toString()).contains("ssssssgssss").contains("gssssssssss");
        assertThat(runs.get(0).get(0))
                .isEqualTo(runs.get(0).get(1))
                .isEqualTo(runs.get(1).get(0));
    }

    /** The last parameters are exchanged by the communication thread while the first layers' gradients are missing. */
    @Test
    void theExchangeBeginsBeforeTheLastGradientIsComputed() throws Exception {
        try (Session session = open(DType.FLOAT32);
                Model model = Model.create(session, net(), 1);
                TrainingStep step = model.step(1, 1)) {
            model.gradients().fill(-7);
            Tensor loss = step.forward(session.tensor(new float[] {1, 2, 3, 4, 5, 6}, Shape.of(2, 3)))
                    .sum();
            List<Integer> reported = new ArrayList<>();
            List<Boolean> complete = new ArrayList<>();
            step.computeGradients(loss, from -> {
                float[] now = model.gradients().toFloats();
                reported.add(from);
                complete.add(IntStream.range(0, from).allMatch(i -> now[i] == -7));
                model.gradientViews().stream()
                        .filter(view -> view.layout().offset() >= from)
                        .forEach(view -> assertThat(view.toFloats()).doesNotContain(-7));
            });
            assertThat(reported).hasSizeGreaterThan(4).isSortedAccordingTo((a, b) -> b - a);
            assertThat(reported.get(reported.size() - 1)).isZero();
            assertThat(complete.subList(0, 4)).containsOnly(true);
        }
    }

    @Test
    void bucketsAreOfWholeParameters() {
        try (Session session = open(DType.FLOAT32);
                Model model = Model.create(session, net(), 1)) {
            int count = (int) model.gradients().shape().elements();
            GradientBuckets small = GradientBuckets.of(model, 1);
            List<Integer> starts = new ArrayList<>();
            int end = count;
            for (Bucket bucket = small.next(0); bucket != null; bucket = small.next(0)) {
                assertThat(bucket.end()).isEqualTo(end);
                end = bucket.start();
                starts.add(0, end);
            }
            assertThat(starts)
                    .isEqualTo(model.gradientViews().stream()
                            .map(view -> (int) view.layout().offset())
                            .toList());
            assertThat(GradientBuckets.of(model, Long.MAX_VALUE).next(0)).isEqualTo(new Bucket(0, count));
            GradientBuckets two = GradientBuckets.of(model, 4 * (count - 100));
            assertThat(two.next(count)).isNull();
            assertThat(two.next(0).end()).isEqualTo(count);
        }
    }

    /** A collective that notes sums and gathers, and fails in a sum. */
    private record Recorded(Collective group, StringBuffer calls, int failing) implements Collective {
        @Override
        public int rank() {
            return group.rank();
        }

        @Override
        public int size() {
            return group.size();
        }

        @Override
        public void allReduce(Reduction reduction, float[] values, int from, int to) {
            assertThat(Thread.currentThread().getName()).startsWith("alborz-collective");
            calls.append('s');
            if (calls.chars().filter(call -> call == 's').count() == failing) {
                group.abort("the cable was pulled");
            }
            group.allReduce(reduction, values, from, to);
        }

        @Override
        public void allReduce(Reduction reduction, double[] values, int from, int to) {
            group.allReduce(reduction, values, from, to);
        }

        @Override
        public void broadcast(float[] values, int from, int to, int root) {
            group.broadcast(values, from, to, root);
        }

        @Override
        public List<byte[]> allGather(byte[] own) {
            calls.append('g');
            return group.allGather(own);
        }

        @Override
        public void abort(String reason) {
            group.abort(reason);
        }

        @Override
        public void close() {
            group.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"local", "tcp"})
    void aFailureOfTheCommunicationThreadEndsTheTrainingOfAll(String kind) throws Exception {
        List<Outcome<double[]>> outcomes = RankThreads.outcomes(kind, 2, collective -> {
            Collective used = collective.rank() == 1 ? new Recorded(collective, new StringBuffer(), 3) : collective;
            return train(DType.FLOAT32, builder -> builder.collective(used).bucketBytes(1));
        });
        for (Outcome<double[]> outcome : outcomes) {
            assertThat(outcome.failure())
                    .isInstanceOf(CollectiveException.class)
                    .hasMessageContaining("the cable was pulled");
        }
    }

    @Test
    void otherBucketsAreRefused() throws Exception {
        List<Outcome<double[]>> outcomes = RankThreads.outcomes(
                "local",
                2,
                collective -> train(
                        DType.FLOAT32, builder -> builder.collective(collective).bucketBytes(100 + collective.rank())));
        assertThat(outcomes.get(0).failure()).hasMessageContaining("other gradient buckets than rank 0: '101 bytes'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> train(DType.FLOAT32, builder -> builder.bucketBytes(0)))
                .withMessageContaining("bucketBytes expects at least 1 byte, got 0");
    }

    @Test
    void theProgressOfSeveralModelsIsRefused() {
        try (Session session = open(DType.FLOAT32);
                Model a = Model.create(session, new Linear(3, 2), 1);
                Model b = Model.create(session, new Linear(2, 1), 1);
                TrainingStep step = TrainingStep.of(1, 1, a, b)) {
            Tensor x = session.tensor(new float[] {1, 2, 3}, Shape.of(1, 3));
            Tensor loss = b.forward(a.forward(x, step.pass()), step.pass()).sum();
            assertThatIllegalStateException()
                    .isThrownBy(() -> step.computeGradients(loss, from -> {}))
                    .withMessageContaining("step of one model, got one of 2");
        }
    }
}
