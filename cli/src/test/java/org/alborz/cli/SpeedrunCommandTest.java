package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.backend.UnaryOp;
import org.alborz.cli.SpeedrunCommand.Run;
import org.alborz.cli.SpeedrunCommand.Statistic;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.LookaheadOptimizer;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.LambdaCallback;
import org.alborz.train.Trainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpeedrunCommandTest {
    @TempDir
    Path folder;

    private static CommandResult run(Object... more) {
        return CommandResult.of(Stream.concat(
                        Stream.of(
                                "speedrun",
                                "--backend",
                                "cpu-vector",
                                "--limit",
                                "16",
                                "--batch-size",
                                "8",
                                "--width",
                                "0.1"),
                        Stream.of(more))
                .toArray());
    }

    @Test
    void printsEachSeedAndTheMean() {
        Path json = folder.resolve("report.json");
        CommandResult result = run("--epochs", 1, "--seeds", 2, "--shift", 1, "--json", json);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out())
                .contains(
                        "NOT CIFAR-10",
                        "seed 1  accuracy ",
                        "seed 2  accuracy ",
                        ", with flips ",
                        "2 runs  accuracy ",
                        " ± ");
        assertThat(json)
                .content()
                .contains(
                        "\"accuracyWithFlips\"",
                        "\"seconds\"",
                        "\"batchSize\" : 8",
                        "\"deviation\"",
                        "\"lookahead\" : true");
    }

    @Test
    void wrongOptionsAreRefused() {
        assertThat(run("--width", 0).err()).contains("--width");
        assertThat(run("--epochs", 0).err()).contains("--epochs expects at least 1, got 0");
        assertThat(run("--seeds", 0).err()).contains("--seeds expects at least 1");
        assertThat(run("--shift", 9).err()).contains("--shift expects 0 to 8, got 9");
        assertThat(run("--precision", "int8").err()).contains("--precision expects one of float32");
        assertThat(run("--optimizer", "adam").err()).contains("--optimizer expects one of nesterov, muon, got 'adam'");
        assertThat(run("--epochs", 1, "--learning-rate", "1e30", "--no-lookahead")
                        .err())
                .contains("use a smaller --learning-rate");
    }

    @Test
    void muonHasARateOfItsOwn() {
        Path json = folder.resolve("report.json");
        CommandResult result = run("--epochs", 1, "--optimizer", "muon", "--no-lookahead", "--json", json);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(json)
                .content()
                .contains("\"learningRate\" : 0.02", "\"optimizer\" : \"muon\"", "\"lookahead\" : false");
    }

    /** Of 7 steps, the slow weights follow after the fifth, and take the place of the trained ones then and after the last. */
    @Test
    void theLookaheadIsThePapers() {
        double[] change = {1, 10, 100, 1000, 10_000, 7, 7};
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new Sequential(new Linear(2, 2), new BatchNorm(2)), 1)) {
            LookaheadOptimizer lookahead = SpeedrunSettings.lookahead(new Sgd(0), change.length);
            model.values().fill(1);
            lookahead.attach(model);
            model.gradients().fill(0);
            Tensor mean = model.parameter("1.running_mean").value();
            lookahead.step(0, 1);
            for (int i = 0; i < change.length; i++) {
                model.values().update(UnaryOp.ADD, change[i]);
                mean.update(UnaryOp.ADD, change[i]);
                lookahead.step(0, Math.max(2, i + 1)); // the first is above
                if (i == 3) {
                    assertThat(model.values().toDoubles()).containsOnly(1112);
                }
            }
            lookahead.useSlowWeights();
            double share = Math.pow(0.95, 5) * Math.pow(5 / 7.0, 3);
            for (double value : model.values().toDoubles()) {
                assertThat(value).isCloseTo(share + (1 - share) * 11_112, within(1e-2));
            }
            for (double value : mean.toDoubles()) {
                assertThat(value).isCloseTo((1 - share) * 11_111, within(1e-2));
            }
        }
    }

    @Test
    void theDeviationIsThatOfASample() {
        List<Run> runs = List.of(new Run(1, 0.5, 0.7, 10), new Run(2, 0.7, 0.7, 30));
        assertThat(Statistic.of(runs, Run::accuracy).text(100, "%.2f")).isEqualTo("60.00 ± 14.14");
        assertThat(Statistic.of(runs, Run::accuracyWithFlips).text(100, "%.2f")).isEqualTo("70.00 ± 0.00");
        assertThat(Statistic.of(runs.subList(0, 1), Run::seconds).text(1, "%.1f"))
                .isEqualTo("10.0");
    }

    /** Of 10 steps the rate rises in 2 to the largest, 1.5 for 1,024 images, and the bias of the whitening stops after 2 of 5 epochs. */
    @Test
    void theScheduleIsATriangle() {
        SpeedrunSettings settings = new SpeedrunSettings(5, 8, 0.1, 11.5, "float32", "nesterov", true);
        Dataset images = GeneratedImages.train(1, 20);
        try (Session session = Session.open("cpu-vector");
                Model model = settings.model(session, 10, SpeedrunSettings.whitening(images), 1)) {
            DataLoader loader = settings.loader(images, 1);
            assertThat(loader.batchesPerEpoch()).isEqualTo(2);
            double[] rates = new double[10];
            boolean[] frozen = new boolean[10];
            Trainer trainer = settings.trainer(model, loader, 1, new LambdaCallback().onStepEnd(running -> {
                        rates[(int) running.step() - 1] = running.learningRate() * 1024 / 8;
                        frozen[(int) running.step() - 1] = model.isFrozen("0.bias");
                    }));
            trainer.fit(loader, 5);
            assertThat(rates[0]).isEqualTo(0.3, within(1e-9));
            assertThat(rates[2]).isEqualTo(1.5, within(1e-9));
            assertThat(rates[9]).isEqualTo(1.5 * (1 - 0.93 * 7 / 8), within(1e-9));
            assertThat(frozen).containsExactly(false, false, false, false, true, true, true, true, true, true);
        }
    }
}
