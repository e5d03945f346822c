package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.backend.BackendOptions;
import org.alborz.inspect.ProfileCallback;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.optim.CapturableOptimizer;
import org.alborz.optim.Optimizer;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** Optimizers and callbacks, which may serve another model later, hold none once its trainer is closed. */
class ReleasedModelTest {
    private static final int MOST_COLLECTIONS = 20;

    @Test
    void optimizersHoldNoModelOnceTheyAreDetached() {
        Map<String, Optimizer> optimizers = new LinkedHashMap<>();
        Map<String, WeakReference<Parameter>> models = new LinkedHashMap<>();
        EveryOptimizerTest.names().forEach(name -> {
            optimizers.put(name, EveryOptimizerTest.optimizer(name));
            models.put(name, used(optimizers.get(name)));
        });
        assertReleased(models);
        Reference.reachabilityFence(optimizers);
    }

    private static WeakReference<Parameter> used(Optimizer optimizer) {
        try (Session session = Session.open("cpu-vector", BackendOptions.defaults(), DType.FLOAT64)) {
            Model model = Model.create(session, TrainingRuns.smallNet(), 11);
            optimizer.attach(model);
            model.gradients().fill(0.1);
            optimizer.step(0.1, 1);
            if (optimizer instanceof CapturableOptimizer capturable) {
                double[] numbers = capturable.stepNumbers(0.1, 2);
                capturable.step(session.tensor(numbers, Shape.of(numbers.length)));
            }
            optimizer.detach();
            model.close();
            return new WeakReference<>(model.trainable().get(0)); // which the model holds
        }
    }

    @Test
    void callbacksHoldNoModelOnceTheTrainerIsClosed() {
        Map<String, Callback> callbacks = Map.of(
                "EarlyStopping", new EarlyStopping(2).restoreBestWeights(),
                "SwapEMAWeights", new SwapEMAWeights(),
                "TerminateOnNaN", new TerminateOnNaN(),
                "ReduceLROnPlateau", new ReduceLROnPlateau(Monitor.min("loss"), 2),
                "ProfileCallback", new ProfileCallback(0, 1, profile -> {}));
        Map<String, WeakReference<Parameter>> models = new LinkedHashMap<>();
        callbacks.forEach((name, callback) -> models.put(name, trained(callback)));
        assertReleased(models);
        Reference.reachabilityFence(callbacks);
    }

    /** Saving a checkpoint asks the callback for its tensors before the training begins. */
    @Test
    void earlyStoppingBeginsAgainForATrainerThatIsSavedFirst() {
        EarlyStopping stopping = new EarlyStopping(Monitor.max("loss"), 1).restoreBestWeights();
        try (Session session = Session.open("cpu-vector")) {
            for (int training = 0; training < 2; training++) {
                try (Model model = Model.create(session, TrainingRuns.smallNet(), 11)) {
                    Trainer trainer = Trainer.classifier(model, EveryOptimizerTest.optimizer("sgd"))
                            .callback(stopping)
                            .build();
                    try (Scope scope = session.scope("saved first")) {
                        stopping.tensors(trainer);
                    }
                    assertThat(trainer.fit(TrainingRuns.loader(10, 10), 9)).hasSize(2);
                }
            }
        }
    }

    private static WeakReference<Parameter> trained(Callback callback) {
        try (Session session = Session.open("cpu-vector")) {
            Model model = Model.create(session, TrainingRuns.smallNet(), 11);
            Trainer trainer = Trainer.classifier(model, EveryOptimizerTest.optimizer("sgd"))
                    .ema(0.9)
                    .callback(callback)
                    .build();
            trainer.fit(TrainingRuns.loader(10, 10), 1);
            trainer.close();
            model.close();
            return new WeakReference<>(model.trainable().get(0)); // which the model holds
        }
    }

    private static void assertReleased(Map<String, WeakReference<Parameter>> models) {
        for (int i = 0; i < MOST_COLLECTIONS && !held(models).isEmpty(); i++) {
            System.gc();
        }
        assertThat(held(models)).as("what still holds its model").isEmpty();
    }

    private static List<String> held(Map<String, WeakReference<Parameter>> models) {
        return models.keySet().stream()
                .filter(name -> models.get(name).get() != null)
                .toList();
    }
}
