package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.alborz.data.DataLoader;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.optim.Adafactor;
import org.alborz.optim.Adam;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.LearningRateCurve.Point;
import org.alborz.type.DType;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A short training at growing learning rates, which leaves nothing behind. */
class LearningRateFinderTest {
    @TempDir
    Path directory;

    private static Map<String, double[]> everything(Trainer trainer) {
        Map<String, double[]> all = new LinkedHashMap<>();
        Model model = trainer.model();
        model.parameters()
                .forEach((name, parameter) -> all.put(name, parameter.value().toDoubles()));
        trainer.optimizer().state().forEach((name, state) -> all.put("optimizer." + name, state.toDoubles()));
        trainer.optimizer().parameterState().forEach((name, state) -> all.put("optimizer." + name, state.toDoubles()));
        trainer.sums().forEach((name, sum) -> all.put("sum." + name, sum.toDoubles()));
        if (model.lossScaler() != null) {
            all.put("scale", new double[] {
                model.lossScaler().scale(),
                model.lossScaler().stepsSinceChange(),
                model.lossScaler().skippedSteps()
            });
        }
        all.put("position", new double[] {trainer.step(), trainer.epoch(), trainer.nextBatch(), trainer.batches()});
        return all;
    }

    private static void requireSame(Map<String, double[]> actual, Map<String, double[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) -> assertThat(actual.get(name)).as(name).isEqualTo(values));
    }

    /** In the middle of an epoch, with batch norm, dropout and momentum: training goes on to the bits of a run without the finder. */
    @ParameterizedTest
    @ValueSource(strings = {"adam", "adafactor", "mixed"})
    void everythingIsAsBefore(String kind) {
        List<Map<String, double[]>> ends = new ArrayList<>();
        for (boolean finding : new boolean[] {false, true}) {
            try (Session session = Session.open("cpu-vector")) {
                Precision precision = kind.equals("mixed") ? Precision.mixed(DType.FLOAT16) : Precision.full();
                Model model = Model.create(session, TrainingRuns.smallNet(), precision, 11);
                Optimizer optimizer = kind.equals("adafactor") ? new Adafactor(0.01) : new Adam(1e-2);
                Trainer trainer = Trainer.classifier(model, optimizer, Loss.crossEntropy())
                        .clipNorm(1)
                        .callback(TrainingRuns.stopAfter(2))
                        .build();
                DataLoader loader = TrainingRuns.loader(60, 16);
                trainer.fit(loader, 1);
                Map<String, double[]> before = everything(trainer);
                if (finding) {
                    long used = session.memory().used();
                    LearningRateCurve curve = LearningRateFinder.of(trainer)
                            .range(1e-4, 1e4)
                            .steps(30)
                            .smoothing(0)
                            .run(loader);
                    assertThat(curve.points()).hasSizeBetween(2, 30);
                    requireSame(everything(trainer), before);
                    assertThat(session.memory().used()).isEqualTo(used);
                }
                trainer.fit(loader, 1);
                ends.add(everything(trainer));
                model.close();
            }
        }
        requireSame(ends.get(1), ends.get(0));
    }

    @Test
    void ratesGrowAndTheLossFallsThenRises() throws Exception {
        try (Session session = Session.open("cpu-vector")) {
            Trainer trainer = TrainingRuns.trainer(session, new Sgd(0.05).momentum(0.9));
            LearningRateCurve curve = LearningRateFinder.of(trainer)
                    .range(1e-5, 100)
                    .steps(70)
                    .smoothing(0.7)
                    .run(TrainingRuns.loader(120, 20));
            List<Point> points = curve.points();
            assertThat(points.get(0).learningRate()).isCloseTo(1e-5, Offset.offset(1e-12));
            double factor = Math.pow(1e7, 1 / 69.0);
            for (int i = 1; i < points.size(); i++) {
                double ratio = points.get(i).learningRate() / points.get(i - 1).learningRate();
                assertThat(ratio).isCloseTo(factor, Offset.offset(1e-9));
            }
            assertThat(points.size()).as("it stops early").isLessThan(70);
            double least =
                    points.stream().mapToDouble(Point::smoothedLoss).min().orElseThrow();
            assertThat(least).isLessThan(points.get(0).smoothedLoss());
            assertThat(points.get(points.size() - 1).smoothedLoss()).isGreaterThan(2 * least);
            assertThat(curve.suggestion()).isPresent();
            assertThat(curve.suggestion().getAsDouble()).isBetween(1e-4, 1.0);
            double smoothed =
                    (0.7 * 0.3 * points.get(0).loss() + 0.3 * points.get(1).loss()) / (1 - 0.49);
            assertThat(points.get(1).smoothedLoss()).isCloseTo(smoothed, Offset.offset(1e-12));
            requireWritten(curve);
            trainer.model().close();
        }
    }

    /** Four times a negative loss would be below it. */
    @Test
    void aLossBelow0StopsWhereItRises() {
        for (double lower : new double[] {0.5, 10}) {
            try (Session session = Session.open("cpu-vector")) {
                Model model = Model.create(session, TrainingRuns.smallNet(), 11);
                Loss loss = (output, target) ->
                        Loss.crossEntropy().of(output, target).add(-lower);
                Trainer trainer = Trainer.classifier(model, new Sgd(0.05).momentum(0.9), loss)
                        .build();
                DataLoader loader = TrainingRuns.loader(120, 20);
                LearningRateFinder finder = LearningRateFinder.of(trainer).smoothing(0.7);
                assertThat(finder.range(1e-6, 1e-2).steps(30).run(loader).points())
                        .hasSize(30);
                assertThat(finder.range(1e-3, 1e4).steps(60).run(loader).points())
                        .hasSizeBetween(10, 59);
                model.close();
            }
        }
    }

    private void requireWritten(LearningRateCurve curve) throws Exception {
        Path csv = directory.resolve("curve.csv");
        curve.writeCsv(csv);
        List<String> lines = Files.readAllLines(csv);
        assertThat(lines).hasSize(curve.points().size() + 1).startsWith("learning_rate,loss,smoothed_loss");
        Point second = curve.points().get(1);
        assertThat(lines.get(2)).isEqualTo(second.learningRate() + "," + second.loss() + "," + second.smoothedLoss());
        Path svg = directory.resolve("curve.svg");
        curve.writeSvg(svg);
        var drawn = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
        assertThat(drawn.getElementsByTagName("polyline").getLength()).isEqualTo(2);
        String points = drawn.getElementsByTagName("polyline")
                .item(1)
                .getAttributes()
                .getNamedItem("points")
                .getNodeValue();
        assertThat(points.strip().split(" "))
                .hasSize(curve.points().size())
                .allMatch(p -> p.matches("[\\d.]+,[\\d.]+"));
    }

    private static LearningRateCurve curve(double... smoothed) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < smoothed.length; i++) {
            points.add(new Point(Math.pow(10, i - 4), smoothed[i], smoothed[i]));
        }
        return new LearningRateCurve(points);
    }

    @Test
    void theSuggestionIsWhereTheLossFallsFastest() throws IOException {
        assertThat(curve(5, 4.9, 4, 2, 1.9, 3).suggestion().getAsDouble()).isCloseTo(1e-2, Offset.offset(1e-9));
        assertThat(curve(1, 2, 3, 4).suggestion()).isEmpty();
        assertThat(curve(2, 1).suggestion()).isEmpty();
        assertThat(curve().suggestion()).isEmpty();
        curve().writeSvg(directory.resolve("empty.svg"));
        curve(1).writeSvg(directory.resolve("one.svg"));
        assertThat(directory.resolve("one.svg")).content().doesNotContain("NaN");
    }

    @Test
    void wrongUsesAreRefused() {
        try (Session session = Session.open("cpu-vector")) {
            List<Throwable> thrown = new ArrayList<>();
            DataLoader loader = TrainingRuns.loader(30, 10);
            Callback inside = new Callback() {
                @Override
                public void onStepEnd(Trainer trainer) {
                    assertThatIllegalStateException()
                            .isThrownBy(() -> LearningRateFinder.of(trainer).run(loader))
                            .satisfies(thrown::add)
                            .withMessageContaining("while fit of the same trainer runs");
                }
            };
            Trainer trainer = TrainingRuns.trainer(session, new Adam(1e-3), inside);
            trainer.fit(loader, 1);
            assertThat(thrown).hasSize(3);
            LearningRateFinder finder = LearningRateFinder.of(trainer);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> finder.range(0, 1))
                    .withMessageContaining("got 0.0 and 1.0");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> finder.steps(1))
                    .withMessageContaining("at least 2 steps, got 1");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> finder.smoothing(1))
                    .withMessageContaining("[0, 1), got 1.0");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> finder.stopFactor(1))
                    .withMessageContaining("above 1, got 1.0");
            trainer.model().close();
        }
    }
}
