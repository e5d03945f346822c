package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alborz.backend.BackendOptions;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.optim.Adam;
import org.alborz.optim.LookaheadOptimizer;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Optimizers;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What has to work with every optimizer: resuming, any number of threads, freezing, accumulation, and 16 bits. */
class EveryOptimizerTest {
    private static final double DECAY = 0.01;

    @TempDir
    Path directory;

    static Stream<String> names() {
        return Stream.concat(Optimizers.NAMES.stream(), Stream.of("lookahead"));
    }

    static Optimizer optimizer(String name) {
        if (name.equals("lookahead")) {
            return new LookaheadOptimizer(new Adam(1e-3).weightDecay(DECAY), 3, 0.5);
        }
        return Optimizers.byName(name, Optimizers.usualLearningRate(name), DECAY);
    }

    private static Map<String, float[]> everything(Trainer trainer) {
        Map<String, float[]> all = new LinkedHashMap<>();
        trainer.model()
                .parameters()
                .forEach((name, parameter) -> all.put(name, parameter.value().toFloats()));
        trainer.optimizer().state().forEach((name, state) -> all.put("optimizer." + name, state.toFloats()));
        return all;
    }

    private static void requireSame(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) -> assertThat(actual.get(name)).as(name).isEqualTo(values));
    }

    private static Map<String, float[]> run(String name, int threads, int steps, Path from, Path into) {
        try (Session session =
                Session.open("cpu-vector", BackendOptions.defaults().withThreads(threads), DType.FLOAT32)) {
            Trainer trainer = TrainingRuns.trainer(session, optimizer(name), TrainingRuns.stopAfter(steps));
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            trainer.fit(TrainingRuns.loader(30, 10), 100);
            if (into != null) {
                Checkpoint.save(into, trainer, Map.of());
            }
            assertThat(trainer.model().isFinite()).isTrue();
            Map<String, float[]> all = everything(trainer);
            trainer.model().close();
            return all;
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void goingOnIsBitExactWithAnyNumberOfThreads(String name) {
        Map<String, float[]> straight = run(name, 1, 7, null, null);
        Path file = directory.resolve("run.safetensors");
        run(name, 2, 4, null, file);
        requireSame(run(name, 3, 7, file, null), straight);
    }

    @ParameterizedTest
    @MethodSource("names")
    void whatIsFrozenStaysAndTheRestLearns(String name) {
        try (Session session = Session.open("cpu-vector")) {
            Trainer trainer = TrainingRuns.trainer(session, optimizer(name), TrainingRuns.stopAfter(2));
            trainer.fit(TrainingRuns.loader(30, 10), 100); // so that there is state that would go on
            Model model = trainer.model();
            model.freeze(parameter -> parameter.startsWith("0.") || parameter.startsWith("7.bias"));
            Map<String, float[]> before = everything(trainer);
            Trainer further = trainer;
            further.stop(null);
            further.fit(TrainingRuns.loader(30, 10), 1);
            model.parameters().forEach((parameter, value) -> {
                if (model.isFrozen(parameter)) {
                    assertThat(value.value().toFloats()).as(parameter).isEqualTo(before.get(parameter));
                } else if (value.isTrainable()) {
                    assertThat(value.value().toFloats()).as(parameter).isNotEqualTo(before.get(parameter));
                }
            });
            model.close();
        }
    }

    /** The optimizer is given the mean of the batches: the same steps by hand from these gradients are the same bits. */
    @ParameterizedTest
    @MethodSource("names")
    void accumulatedGradientsAreUsedAsOthers(String name) {
        List<float[]> gradients = new ArrayList<>();
        Callback watch = new Callback() {
            @Override
            public void onStepEnd(Trainer trainer) {
                gradients.add(trainer.model().gradients().toFloats());
            }
        };
        try (Session session = Session.open("cpu-vector")) {
            Model model = Model.create(session, TrainingRuns.smallNet(), 11);
            Trainer trainer = Trainer.classifier(model, optimizer(name), Loss.crossEntropy())
                    .gradientAccumulation(2)
                    .callback(watch)
                    .build();
            trainer.fit(TrainingRuns.loader(40, 10), 1);
            assertThat(trainer.step()).isEqualTo(2);
            Model other = Model.create(session, TrainingRuns.smallNet(), 11);
            Optimizer byHand = optimizer(name);
            byHand.attach(other);
            for (int i = 0; i < gradients.size(); i++) {
                other.gradients()
                        .assign(session.tensor(
                                gradients.get(i), other.gradients().shape()));
                byHand.step(byHand.learningRate(), i + 1);
            }
            assertThat(other.values().toFloats()).isEqualTo(model.values().toFloats());
            other.close();
            model.close();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void modelsThatComputeIn16BitsLearn(String name) {
        try (Session session = Session.open("cpu-vector")) {
            Model model = Model.create(session, TrainingRuns.smallNet(), Precision.mixed(DType.FLOAT16), 11);
            float[] before = model.values().toFloats();
            Trainer trainer = Trainer.classifier(model, optimizer(name), Loss.crossEntropy())
                    .build();
            trainer.fit(TrainingRuns.loader(30, 10), 1);
            assertThat(model.isFinite()).isTrue();
            assertThat(model.values().dtype()).isEqualTo(DType.FLOAT32);
            assertThat(model.values().toFloats()).isNotEqualTo(before);
            assertThat(trainer.optimizer().state().values())
                    .allSatisfy(state -> assertThat(state.dtype()).isEqualTo(DType.FLOAT32));
            model.close();
        }
    }

    /** More elements than one task has. */
    @ParameterizedTest
    @MethodSource("names")
    void theNumberOfThreadsChangesNoBit(String name) {
        List<float[]> values = new ArrayList<>();
        for (int threads : new int[] {1, 3}) {
            try (Session session =
                    Session.open("cpu-vector", BackendOptions.defaults().withThreads(threads), DType.FLOAT32)) {
                Model model = Model.create(session, new Linear(211, 197), 5);
                Optimizer optimizer = optimizer(name);
                optimizer.attach(model);
                for (int step = 1; step <= 3; step++) {
                    model.gradients()
                            .assign(session.normal(
                                    new RandomKey(3, 1, step), model.gradients().shape()));
                    optimizer.step(optimizer.learningRate(), step);
                }
                values.add(model.values().toFloats());
                model.close();
            }
        }
        assertThat(values.get(1)).isEqualTo(values.get(0));
    }

    @ParameterizedTest
    @MethodSource("names")
    void valuesOf16BitsLearn(String name) {
        for (String backend : new String[] {"cpu-scalar", "cpu-vector"}) {
            try (Session session = Session.open(backend, BackendOptions.defaults(), DType.BFLOAT16)) {
                Model model = Model.create(session, new Linear(13, 7), 5);
                Optimizer optimizer = optimizer(name);
                optimizer.attach(model);
                float[] before = model.values().toFloats();
                for (int step = 1; step <= 3; step++) {
                    model.gradients()
                            .assign(session.normal(
                                    new RandomKey(3, 1, step), model.gradients().shape()));
                    optimizer.step(0.1, step);
                }
                assertThat(model.isFinite()).isTrue();
                assertThat(model.values().toFloats()).isNotEqualTo(before);
                assertThat(optimizer.state().values())
                        .allSatisfy(state -> assertThat(state.dtype()).isEqualTo(DType.FLOAT32));
                model.close();
            }
        }
    }
}
