package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.alborz.autograd.Node;
import org.alborz.autograd.Tape;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.UnaryOp;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.Weights;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.metrics.Accuracy;
import org.alborz.metrics.RunningMetrics;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.Adam;
import org.alborz.optim.AdamW;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Sgd;
import org.alborz.random.RandomKey;
import org.alborz.train.Evaluation;
import org.alborz.train.Trainer;
import org.alborz.type.Conv1dParameters;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Conv3dParameters;
import org.alborz.type.DType;
import org.alborz.type.GridPadding;
import org.alborz.type.Interpolation;
import org.alborz.type.Layout;
import org.alborz.type.Padding2d;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Pool3dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A session's second thread is refused by every call that reads or writes, and whatever is done, no thread is left waiting. */
@Timeout(300)
class OtherThreadTest {
    /** What tells of things that never change, or of nothing in the session. */
    private static final Map<Class<?>, Set<String>> FREE = Map.of(
            Session.class,
            Set.of("backend", "dtype", "engine", "events", "moveToThisThread"),
            Tensor.class,
            Set.of("session", "layout", "dtype", "shape", "name", "isRecorded", "isClosed", "describe"),
            Scope.class,
            Set.of("name"),
            Tape.class,
            Set.of(),
            Model.class,
            Set.of(
                    "session",
                    "module",
                    "parameters",
                    "parameter",
                    "isFrozen",
                    "freezes",
                    "summary",
                    "part",
                    "trainable",
                    "parameterCount",
                    "values",
                    "gradients",
                    "gradientViews",
                    "precision",
                    "lossScaler"),
            RunningMetrics.class,
            Set.of("samples", "sums"),
            Optimizer.class,
            Set.of("name", "model", "learningRate", "state", "parameterState", "settings"),
            Pass.class,
            Set.of("isTraining", "isRecorded", "used", "input", "hook"),
            Trainer.class,
            Set.of(
                    "model",
                    "optimizer",
                    "schedule",
                    "objective",
                    "settings",
                    "averagesWeights",
                    "parameterStates",
                    "rank",
                    "sums",
                    "trainedValues",
                    "batches",
                    "communicationOverlap",
                    "accumulated",
                    "accumulation",
                    "seed",
                    "callbacks",
                    "metrics",
                    "step()",
                    "epoch",
                    "epochs",
                    "nextBatch",
                    "loader",
                    "loaderDescription",
                    "validation",
                    "validationDescription",
                    "learningRate",
                    "stop",
                    "stopReason",
                    "worldSize"));

    private final Session session =
            Session.open("cpu-vector", BackendOptions.defaults().withThreads(3), DType.FLOAT32);
    private final Map<Class<?>, Object> arguments = new HashMap<>();
    private Tensor tensor;
    private Tensor indices;
    private Tensor places;
    private Tensor mask;
    private Scope scope;
    private Tape tape;
    private Model model;
    private DataLoader loader;

    @TempDir
    private Path folder;

    @BeforeEach
    void make() {
        loader = DataLoader.of(GeneratedImages.train(1, 8), 4).build();
        model = Model.create(session, new Sequential(new Flatten(), new Linear(3 * 32 * 32, 10)), 1);
        TrainingStep step = model.step(1, 1);
        scope = session.scope("step");
        tape = new Tape(session);
        tensor = session.ones(Shape.of(1, 1));
        indices = session.tensor(new int[] {0}, Shape.of(1));
        places = session.tensor(new int[] {0}, Shape.of(1, 1));
        mask = session.ones(Shape.of(1, 1)).gt(0);
        Map<Class<?>, Object> values = Map.ofEntries(
                Map.entry(Tensor.class, tensor),
                Map.entry(Tensor[].class, new Tensor[] {tensor}),
                Map.entry(Scope.class, scope),
                Map.entry(Model.class, model),
                Map.entry(String.class, "name"),
                Map.entry(int.class, 0),
                Map.entry(double.class, 0.5),
                Map.entry(long.class, 1L),
                Map.entry(boolean.class, true),
                Map.entry(int[].class, new int[] {1}),
                Map.entry(float[].class, new float[] {1}),
                Map.entry(double[].class, new double[] {1}),
                Map.entry(byte[].class, new byte[] {1}),
                Map.entry(long[].class, new long[] {1}),
                Map.entry(boolean[].class, new boolean[] {true}),
                Map.entry(TrainingStep.class, step),
                Map.entry(float[][].class, new float[][] {{1}}),
                Map.entry(float[][][].class, new float[][][] {{{1}}}),
                Map.entry(float[][][][].class, new float[][][][] {{{{1}}}}),
                Map.entry(double[][].class, new double[][] {{1}}),
                Map.entry(double[][][].class, new double[][][] {{{1}}}),
                Map.entry(double[][][][].class, new double[][][][] {{{{1}}}}),
                Map.entry(int[][].class, new int[][] {{1}}),
                Map.entry(int[][][].class, new int[][][] {{{1}}}),
                Map.entry(int[][][][].class, new int[][][][] {{{{1}}}}),
                Map.entry(Conv2dParameters.class, Conv2dParameters.defaults()),
                Map.entry(Conv1dParameters.class, Conv1dParameters.defaults()),
                Map.entry(Conv3dParameters.class, Conv3dParameters.defaults()),
                Map.entry(Pool3dParameters.class, Pool3dParameters.of(2)),
                Map.entry(Pool2dParameters.class, Pool2dParameters.of(1)),
                Map.entry(Padding2d.class, Padding2d.of(0)),
                Map.entry(Interpolation.class, Interpolation.BILINEAR),
                Map.entry(GridPadding.class, GridPadding.ZEROS),
                Map.entry(Shape.class, Shape.of(1, 1)),
                Map.entry(Layout.class, Layout.rowMajor(Shape.of(1, 1))),
                Map.entry(DType.class, DType.FLOAT32),
                Map.entry(UnaryOp.class, UnaryOp.EXP),
                Map.entry(BinaryOp.class, BinaryOp.ADD),
                Map.entry(Comparison.class, Comparison.EQUAL),
                Map.entry(RandomKey.class, new RandomKey(1, 0, 0)),
                Map.entry(java.nio.Buffer.class, FloatBuffer.wrap(new float[1])),
                Map.entry(Pass.class, Pass.evaluation()),
                Map.entry(Parameter.class, model.trainable().get(0)),
                Map.entry(AutoCloseable.class, (AutoCloseable) () -> {}),
                Map.entry(DataLoader.class, loader),
                Map.entry(Layer.class, (Layer) model.module()),
                Map.entry(List.class, List.of(tensor)));
        arguments.putAll(values);
    }

    @AfterEach
    void close() {
        session.close();
    }

    private static <T> T inAnotherThread(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread helper = new Thread(task, "helper");
        helper.start();
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            helper.join();
        }
    }

    private static void assertRefused(String name, Callable<?> call) {
        assertThatThrownBy(() -> inAnotherThread(call))
                .as(name)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("'helper'", Thread.currentThread().getName(), "moveToThisThread");
    }

    @TestFactory
    Stream<DynamicTest> everyMethodRefusesIt() {
        Optimizer adam = new Adam(1e-3);
        adam.attach(model);
        Map<Object, Class<?>> receivers = Map.of(
                session,
                Session.class,
                tensor,
                Tensor.class,
                scope,
                Scope.class,
                tape,
                Tape.class,
                model,
                Model.class,
                new RunningMetrics(model, List.of(new Accuracy())),
                RunningMetrics.class,
                adam,
                Optimizer.class,
                Pass.training(tape, 1, 1),
                Pass.class,
                Trainer.classifier(model, new Sgd(0.1), Loss.crossEntropy()).build(),
                Trainer.class);
        List<DynamicTest> tests = new ArrayList<>();
        receivers.forEach((receiver, type) -> methods(type)
                .filter(m -> Modifier.isPublic(m.getModifiers()) && !Modifier.isStatic(m.getModifiers()))
                .filter(m -> !m.isSynthetic() && !m.getName().equals("toString"))
                .filter(m -> !FREE.get(type).contains(m.getName()))
                .filter(m -> m.getParameterCount() > 0 || !FREE.get(type).contains(m.getName() + "()"))
                .forEach(m -> tests.add(DynamicTest.dynamicTest(
                        type.getSimpleName() + "." + m.getName() + Arrays.toString(m.getParameterTypes()), () -> {
                            assertRefused(m.getName(), () -> invoke(receiver, m));
                            assertUntouched();
                        }))));
        return tests.stream();
    }

    /** Returns its methods and those of what it extends here, such as those of tensors that are composed of others. */
    private static Stream<Method> methods(Class<?> type) {
        Stream<Method> own = Arrays.stream(type.getDeclaredMethods());
        return type.getSuperclass() == null || type.getSuperclass() == Object.class
                ? own
                : Stream.concat(own, methods(type.getSuperclass()));
    }

    private Object invoke(Object receiver, Method method) throws Exception {
        Object[] values = Arrays.stream(method.getParameterTypes())
                .map(type -> type == Node.class ? null : arguments.get(type))
                .toArray();
        switch (method.getName()) {
            case "gather", "indexSelect" -> values[1] = indices;
            case "embedding" -> values[0] = indices;
            case "takeAlongAxis", "scatter", "scatterAdd" -> values[1] = places;
            case "gatherNd", "scatterAddNd" -> values[0] = places;
            case "maskedSelect" -> values[0] = mask;
            case "flip" -> values[0] = new int[] {0};
            case "diagonal" -> {
                if (values.length == 3) {
                    values[2] = 1;
                }
            }
            case "permute" -> values[0] = new int[] {1, 0};
            case "repeat" -> values[0] = new int[] {1, 1};
            case "arange" -> values[values.length - 1] = values[0] instanceof Double ? 1.0 : (Object) 1;
            case "linspace", "slice" -> values[values.length - 1] = 1;
            case "chunk", "maxPool2d", "avgPool2d" ->
                values[values.length - 1] =
                        values[values.length - 1] instanceof Integer ? 1 : values[values.length - 1];
            default -> {}
        }
        try {
            method.setAccessible(true);
            return method.invoke(receiver, values);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private void assertUntouched() {
        assertThat(tensor.isClosed()).isFalse();
        assertThat(tensor.name()).isNull();
        assertThat(tensor.toFloats()).containsExactly(1);
        assertThat(tensor.isStale()).isFalse();
        assertThat(session.innermostScope()).isSameAs(scope);
        assertThat(model.values().isClosed()).isFalse();
    }

    @Test
    void trainingAndSavingRefuseIt() {
        for (Optimizer optimizer :
                List.of(new Sgd(0.1), new Sgd(0.1).momentum(0.9).nesterov(), new Adam(0.1), new AdamW(0.1))) {
            assertRefused("attach", () -> {
                optimizer.attach(model);
                return null;
            });
            optimizer.attach(model);
            assertRefused("step", () -> {
                optimizer.step(0.1, 1);
                return null;
            });
        }
        Trainer trainer =
                Trainer.classifier(model, new Adam(1e-3), Loss.crossEntropy()).build();
        trainer.fit(loader, 1);
        float[] values = model.values().toFloats();
        Path saved = folder.resolve("saved");
        Checkpoint.save(saved, trainer, Map.of());
        assertRefused("create", () -> Model.create(session, new Flatten(), 1));
        assertRefused(
                "build",
                () -> Trainer.classifier(model, new Adam(1), Loss.crossEntropy())
                        .build());
        assertRefused("fit", () -> trainer.fit(loader, 2));
        assertRefused("evaluate", () -> trainer.evaluate(loader));
        assertRefused("Evaluation.of", () -> Evaluation.of(model, Loss.crossEntropy(), loader));
        assertRefused("save", () -> {
            Checkpoint.save(folder.resolve("other"), trainer, Map.of());
            return null;
        });
        assertRefused("resume", () -> {
            Checkpoint.resume(saved, trainer);
            return null;
        });
        assertRefused("loadWeights", () -> {
            Weights.load(saved, model);
            return null;
        });
        assertRefused("new Tape", () -> new Tape(session));
        assertThat(model.values().toFloats()).isEqualTo(values);
    }

    @Test
    void theNewOwnerHasItAll() throws Exception {
        inAnotherThread(() -> {
            session.moveToThisThread();
            return tensor.fill(3);
        });
        assertThatThrownBy(() -> tensor.fill(4)).hasMessageContaining("belongs to 'helper'");
        session.moveToThisThread();
        assertThat(tensor.toFloats()).containsExactly(3);
    }

    @Test
    void whenItsThreadHasEndedAnyMayCloseIt() throws Exception {
        Session lost = inAnotherThread(() -> {
            Session opened =
                    Session.open("cpu-vector", BackendOptions.defaults().withThreads(2), DType.FLOAT32);
            opened.ones(Shape.of(3));
            return opened;
        });
        assertThatThrownBy(() -> lost.ones(Shape.of(3))).hasMessageContaining("moveToThisThread");
        lost.close();
        assertThat(lost.memory().used()).isZero();
    }

    /** Two threads change one tensor each as fast as they can: one is refused, and none is left waiting. */
    @Test
    void changingTensorsAtTheSameTimeIsRefused() throws Exception {
        Tensor mine = session.ones(Shape.of(1 << 18));
        Tensor other = session.ones(Shape.of(1 << 18));
        CountDownLatch ready = new CountDownLatch(1);
        FutureTask<Integer> task = new FutureTask<>(() -> {
            int refused = 0;
            ready.countDown();
            for (int i = 0; i < 200; i++) {
                try {
                    other.update(UnaryOp.ADD, 1);
                } catch (IllegalStateException e) {
                    refused++;
                }
            }
            return refused;
        });
        new Thread(task, "helper").start();
        ready.await();
        for (int i = 0; i < 50; i++) {
            mine.update(UnaryOp.ADD, 1);
        }
        assertThat(task.get()).isEqualTo(200);
        assertThat(other.toFloats()).containsOnly(1);
        assertThat(mine.toFloats()).containsOnly(51);
    }

    @Test
    void aBackendServesOneSession() {
        Backend backend =
                Backends.find().open("cpu-vector", BackendOptions.defaults().withThreads(3));
        try (Session first = Session.of(backend, DType.FLOAT32)) {
            assertThatThrownBy(() -> Session.of(backend, DType.FLOAT64))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("cpu-vector", "serves a session already");
            assertThat(first.ones(Shape.of(2)).toFloats()).containsOnly(1);
        }
    }
}
