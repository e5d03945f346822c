package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.alborz.optim.Schedule;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Schedules by name, and what each net is trained with by default. */
class ScheduleSettingsTest {
    @TempDir
    Path folder;

    private static double after(String schedule, double epochs) {
        return ScheduleSettings.parse(schedule, 40).schedule(100).factor(Math.round(epochs * 100) + 1);
    }

    /** The factor after so many of 40 epochs of 100 steps, by the equations. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "constant                               | 17   | 1",
                "constant:warmup=2                      | 0.99 | 0.5",
                "constant:warmup=2                      | 2    | 1",
                "step:every=10,factor=0.5               | 9.99 | 1",
                "step:every=10,factor=0.5               | 20   | 0.25",
                "step                                   | 27   | 0.01",
                "multi-step:epochs=5+7.5,factor=0.2     | 5    | 0.2",
                "multi-step:epochs=5+7.5,factor=0.2     | 7.5  | 0.04",
                "multi-step:epochs=5,warmup=1           | 0.49 | 0.5",
                "multi-step                             | 30   | 0.01",
                "exponential:factor=0.9                 | 2    | 0.81",
                "linear:start=1,end=0.5                 | 20   | 0.75",
                "linear:warmup=20                       | 30   | 0.5",
                "polynomial                             | 20   | 0.25",
                "polynomial:power=1                     | 10   | 0.75",
                "cosine:warmup=0                        | 20   | 0.5",
                "cosine:warmup=0,least=0.1              | 20   | 0.55",
                "cosine                                 | 0.99 | 0.5",
                "cosine                                 | 21   | 0.5",
                "cosine-restarts:period=4,multiplier=2  | 8    | 0.5",
                "cosine-restarts:period=4,multiplier=1  | 4    | 1",
                "one-cycle                              | 0    | 0.04",
                "one-cycle:rising=0.5,start=0.1         | 0    | 0.1",
                "plateau:warmup=2                       | 0.99 | 0.5",
                "plateau                                | 39   | 1"
            })
    void schedulesFollowTheirEquations(String schedule, double epochs, double expected) {
        assertThat(after(schedule, epochs)).isCloseTo(expected, within(1e-9));
    }

    @Test
    void cosineIsTheScheduleOfEarlierRuns() {
        assertThat(ScheduleSettings.parse("cosine", 40).schedule(391).settings())
                .isEqualTo(Schedule.cosine(40 * 391, 782).settings());
        assertThat(ScheduleSettings.parse("constant", 5).schedule(391).settings())
                .isEqualTo(Schedule.constant().settings());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fast                    | --schedule expects one of constant, step, multi-step",
                "step:                   | settings as in NAME:KEY=VALUE,KEY=VALUE",
                "step:every              | settings as in NAME:KEY=VALUE,KEY=VALUE",
                "step:every=3,every=4    | each setting once",
                "step:period=3           | for step settings among every, factor, warmup, got 'period'",
                "step:every=0            | for step's every a number from 0.000001 to 1000000, got '0'",
                "step:factor=1.5         | for step's factor a number from 0.000001 to 1, got '1.5'",
                "step:factor=NaN         | for step's factor a number from",
                "step:factor=            | for step's factor a number from",
                "multi-step:epochs=3+2   | for multi-step's epochs numbers that rise, with + between them, got '3+2'",
                "multi-step:epochs=3+    | for multi-step's epochs a number from",
                "cosine:warmup=41        | for cosine's warmup a number from 0 to 40, got '41'",
                "cosine:least=2          | for cosine's least a number from 0 to 1",
                "one-cycle:warmup=1      | for one-cycle settings among rising, start, end, got 'warmup'",
                "plateau:patience=1.5    | for plateau's patience a whole number, got '1.5'",
                "plateau:factor=1        | for plateau's factor a number from"
            })
    void wrongSchedulesAreNamed(String schedule, String message) {
        assertThatThrownBy(() -> ScheduleSettings.parse(schedule, 40))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining(message);
    }

    @Tag("sweep")
    @Test
    void everyScheduleTrainsAndIsResumedToTheSameFigures() throws Exception {
        for (String schedule : List.of(
                "step:every=1",
                "multi-step:epochs=1+2",
                "exponential",
                "cosine-restarts:period=1",
                "plateau:patience=0")) {
            Path straight = folder.resolve("straight-" + schedule.split(":")[0]);
            Path broken = folder.resolve("broken-" + schedule.split(":")[0]);
            CommandResult whole = CommandResult.train("--epochs", 3, "--schedule", schedule, "--out", straight);
            assertThat(whole.code()).as(whole.err()).isZero();
            assertThat(whole.out()).contains("learning rate 0.001 (" + schedule + ")");
            CommandResult.train("--epochs", 1, "--schedule", schedule, "--out", broken);
            CommandResult resumed =
                    CommandResult.of("train", "--resume", "--out", broken, "--epochs", 3, "--backend", "cpu-scalar");
            assertThat(resumed.code()).as(resumed.err()).isZero();
            assertThat(Weights.figures(broken.resolve("history.csv")))
                    .isEqualTo(Weights.figures(straight.resolve("history.csv")));
        }
    }

    @Test
    void aScheduleOverAllEpochsKeepsTheirNumber() {
        Path out = folder.resolve("run");
        assertThat(CommandResult.train("--epochs", 1, "--schedule", "linear", "--out", out)
                        .code())
                .isZero();
        CommandResult longer = CommandResult.train("--resume", "--out", out, "--epochs", 2);
        assertThat(longer.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(longer.err()).contains("--epochs (with --schedule linear) 1, not 2");
    }

    private static TrainSettings settings(String... args) {
        return CommandLine.populateCommand(new TrainOptions(), args).settings();
    }

    @Test
    void residualNetsHaveARecipeForRealImages() {
        for (String net : List.of("resnet18", "resnet20", "resnet50", "resnet56", "vgg11", "vgg16", "mobilenet-v2")) {
            TrainSettings real = settings(net, "--data", "cifar");
            assertThat(real.optimizer()).isEqualTo("nesterov");
            assertThat(real.learningRate()).isEqualTo(0.1);
            assertThat(real.weightDecay()).isEqualTo(5e-4);
            assertThat(real.schedule()).isEqualTo("cosine");
            assertThat(real.epochs()).isEqualTo(40);
            assertThat(settings(net).optimizer()).isEqualTo("adam");
            assertThat(settings(net).epochs()).isEqualTo(5);
        }
        for (String net : List.of("mlp", "lenet5", "cifar-cnn", "inception")) {
            TrainSettings real = settings(net, "--data", "cifar");
            assertThat(real.optimizer() + real.learningRate() + real.weightDecay() + real.schedule() + real.epochs())
                    .isEqualTo("adam0.0010.0constant5");
        }
    }

    @Test
    void optionsWinOverARecipe() {
        TrainSettings mixed = settings("resnet20", "--data", "cifar", "--epochs", "3", "--learning-rate", "0.2");
        assertThat(mixed.epochs()).isEqualTo(3);
        assertThat(mixed.learningRate()).isEqualTo(0.2);
        assertThat(mixed.weightDecay()).isEqualTo(5e-4);
        TrainSettings other = settings("resnet20", "--data", "cifar", "--optimizer", "adamw");
        assertThat(other.learningRate()).isEqualTo(0.001);
        assertThat(other.weightDecay()).isEqualTo(0.01);
        assertThat(other.schedule()).isEqualTo("cosine");
        assertThat(settings("resnet20", "--data", "cifar", "--schedule", "constant")
                        .schedule())
                .isEqualTo("constant");
    }
}
