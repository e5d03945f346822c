package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.backend.MemoryStatistics;
import org.alborz.models.Gpt;
import org.alborz.models.LstmLanguageModel;
import org.alborz.models.Models;
import org.alborz.models.UNet;
import org.alborz.models.Vit;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.nn.TrainingStep;
import org.alborz.nn.Upsample;
import org.alborz.optim.Adam;
import org.alborz.optim.LookaheadOptimizer;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Optimizers;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Interpolation;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No step takes more memory from the pool from the second step on: neither with any model nor with any optimizer. */
class SteadyMemoryTest {
    private static final int STEPS = 5;

    static Stream<String> optimizers() {
        return Stream.concat(Optimizers.NAMES.stream(), Stream.of("lookahead"));
    }

    static Stream<String> smallModels() {
        return Stream.of("mlp", "lenet5", "resnet20", "unet", "vit", "gpt", "lstm", "interpolation");
    }

    static Stream<String> otherModels() {
        return Models.NAMES.stream().filter(name -> smallModels().noneMatch(name::equals));
    }

    private static Layer model(String name) {
        return switch (name) {
            case "unet" -> new UNet(3, 2, 4, 2);
            case "vit" -> new Vit(new Vit.Configuration(32, 8, 16, 2, 32, 2, 10, 0.1));
            case "gpt" -> new Gpt(new Gpt.Configuration(11, 8, 16, 2, 2, 0.1));
            case "lstm" -> new LstmLanguageModel(new LstmLanguageModel.Configuration(11, 8, 16, 2, 0.1));
            case "interpolation" ->
                new Sequential(
                        new Upsample(2, Interpolation.BICUBIC),
                        (x, pass) -> x.adaptiveAvgPool2d(7, 5)
                                .adaptiveMaxPool2d(3, 2)
                                .flatten(1, -1),
                        new Linear(18, 4));
            default -> Models.byName(name, 10);
        };
    }

    private static Tensor input(Session session, String name) {
        return switch (name) {
            case "gpt", "lstm" -> session.tensor(new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1}, Shape.of(2, 6));
            default -> session.uniform(Shape.of(2, 3, 32, 32), 1);
        };
    }

    @ParameterizedTest
    @MethodSource("smallModels")
    void smallModel(String name) {
        requireSteady(name, new Adam(1e-3));
    }

    @Tag("sweep")
    @ParameterizedTest
    @MethodSource("otherModels")
    void otherModel(String name) {
        requireSteady(name, new Adam(1e-3));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void optimizer(String name) {
        Optimizer optimizer = name.equals("lookahead")
                ? new LookaheadOptimizer(new Adam(1e-3), 2, 0.5)
                : Optimizers.byName(name, Optimizers.usualLearningRate(name), 0.01);
        requireSteady("lenet5", optimizer);
    }

    private static void requireSteady(String name, Optimizer optimizer) {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, model(name), 1);
                Scope scope = session.scope("data")) {
            Tensor x = input(session, name);
            optimizer.attach(model);
            List<MemoryStatistics> seen = new ArrayList<>();
            for (int number = 1; number <= STEPS; number++) {
                try (TrainingStep step = model.step(1, number)) {
                    step.backward(step.forward(x).square().mean());
                    optimizer.step(step);
                }
                seen.add(session.memory());
            }
            for (int number = 3; number <= STEPS; number++) {
                assertThat(seen.get(number - 1))
                        .as("memory after step " + number + ", and after step 2")
                        .isEqualTo(seen.get(1));
            }
        }
    }
}
