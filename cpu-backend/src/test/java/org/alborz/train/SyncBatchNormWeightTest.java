package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.alborz.autograd.Tape;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.distributed.Collective;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.CrossEntropyLoss;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.nn.SyncBatchNorm;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Synchronised batch norm of ranks whose losses count differently, or nothing. */
@Timeout(300)
class SyncBatchNormWeightTest {
    /** Trains a net of two batch norms for a step of four samples, whose label 0 is ignored. */
    private static SyncBatchNormTest.Run trainIgnoring(
            int batchSize, int[] labels, CrossEntropyLoss loss, Consumer<Trainer.Builder> settings) {
        float[][] samples = {{1, 2}, {-1, 3}, {0.5f, -2}, {3, 1}};
        DataLoader loader = DataLoader.of(ArrayDataset.of(samples, labels), batchSize)
                .shuffle(false)
                .workers(1)
                .build();
        Layer net = new Sequential(
                new Linear(2, 3), new BatchNorm(3), new Linear(3, 3), new BatchNorm(3), new Linear(3, 3));
        try (Session session = SyncBatchNormTest.open(DType.FLOAT64);
                Model model = Model.create(session, net, 1)) {
            Trainer.Builder builder = Trainer.classifier(model, new Sgd(0.1), loss.ignoreIndex(0));
            settings.accept(builder);
            double[] losses = builder.build().fit(loader, 1).stream()
                    .mapToDouble(EpochResult::loss)
                    .toArray();
            return new SyncBatchNormTest.Run(losses, model.values().toDoubles(), new double[0]);
        }
    }

    /**
     * A rank whose loss counts nothing, since all its labels are ignored, is in the statistics of the other's loss. With class weights its own loss is
     * NaN, the mean over nothing.
     */
    @ParameterizedTest
    @CsvSource({"0 0 1 2, false", "1 2 0 0, false", "0 0 1 2, true", "1 2 0 0, true", "0 1 2 1, false"})
    void ranksWhoseLabelsAreIgnoredAreOneProcess(String words, boolean classWeights) throws Exception {
        int[] labels =
                Arrays.stream(words.split(" ")).mapToInt(Integer::parseInt).toArray();
        CrossEntropyLoss loss = classWeights ? Loss.crossEntropy().classWeights(1, 2, 3) : Loss.crossEntropy();
        SyncBatchNormTest.Run alone = trainIgnoring(4, labels, loss, builder -> {});
        List<SyncBatchNormTest.Run> together = RankThreads.run(
                "local",
                2,
                collective -> trainIgnoring(
                        2,
                        labels,
                        loss,
                        builder -> builder.collective(collective).syncBatchNorm(true)));
        for (SyncBatchNormTest.Run run : together) {
            assertThat(SyncBatchNormTest.distance(run.weights(), alone.weights()))
                    .isLessThan(1e-9);
            assertThat(SyncBatchNormTest.distance(run.losses(), alone.losses())).isLessThan(1e-9);
            assertThat(run.weights()).isEqualTo(together.get(0).weights());
        }
    }

    /** Returns the gradients of six values, of the loss of the last three. */
    private static double[] gradientsOfLastThree(Collective collective, double factor) {
        double[] values = {1, 2, 4, 1, 2, 5};
        int rows = collective == null ? 6 : 3;
        int from = collective == null ? 0 : 3 * collective.rank();
        try (Session session = SyncBatchNormTest.open(DType.FLOAT64);
                Model model = Model.create(session, new BatchNorm(1), 1);
                Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.tensor(Arrays.copyOfRange(values, from, from + rows), Shape.of(rows, 1)));
            Pass pass = Pass.training(tape, 1, 1);
            SyncBatchNorm sync = collective == null ? null : new SyncBatchNorm(collective);
            Tensor y = model.forward(x, sync == null ? pass : pass.syncBatchNorm(sync));
            Tensor slope = session.tensor(new double[] {1, -2, 3}, Shape.of(3, 1));
            Tensor loss = y.narrow(0, rows - 3, 3).mul(slope).sum();
            if (sync != null && collective.rank() == 0) {
                loss = sync.weigh(loss.mul(factor), 0);
            } else if (sync != null) {
                loss = sync.weigh(loss, 1);
            }
            return tape.gradients(loss, x).of(x).toDoubles();
        }
    }

    /** A rank whose loss counts nothing has the gradients of the other rank's loss, also where its own loss is NaN. */
    @ParameterizedTest
    @ValueSource(doubles = {1, Double.NaN})
    void aRankWhoseLossCountsNothingGetsGradientsThroughTheStatistics(double factor) throws Exception {
        double[] whole = gradientsOfLastThree(null, 1);
        List<double[]> ranks = RankThreads.run("local", 2, collective -> gradientsOfLastThree(collective, factor));
        for (int i = 0; i < whole.length; i++) {
            // Rank 1's loss has twice the mean weight.
            assertThat(ranks.get(i / 3)[i % 3] / 2).isCloseTo(whole[i], within(1e-12));
        }
    }
}
