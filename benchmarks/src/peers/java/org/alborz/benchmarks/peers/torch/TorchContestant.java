package org.alborz.benchmarks.peers.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.alborz.data.Sample;
import org.alborz.benchmarks.peers.Contestant;
import org.alborz.benchmarks.peers.Exchange;
import org.alborz.benchmarks.peers.Noise;
import org.alborz.benchmarks.peers.Rate;
import org.alborz.benchmarks.peers.Work;
import org.alborz.benchmarks.peers.Worker;
import org.alborz.checkpoint.SafetensorsFile;

/** PyTorch on the CPU, in the memory order and, for inference, the form of batch normalisation that turn out fastest here. */
public final class TorchContestant implements Contestant {
    private static final String NAME = "PyTorch";
    private static final int TRIALS = 5;

    private final PtNDManager manager;
    private PtNDManager rowsManager;
    private Work work;
    private Runnable run;

    private TorchContestant(PtNDManager manager) {
        this.manager = manager;
    }

    /** Serves until standard input ends. */
    public static void main(String[] arguments) throws IOException {
        PtNDManager manager = (PtNDManager) Engine.getEngine(NAME).newBaseManager(Device.cpu());
        JniUtils.setGradMode(true); // DJL switches it off
        Worker.serve(new TorchContestant(manager));
    }

    @Override
    public Map<String, String> about() {
        return Map.of("version", manager.getEngine().getVersion());
    }

    @Override
    public String prepare(Work chosen, Path exchange, double seconds) {
        work = chosen;
        JniUtils.setNumThreads(chosen.threads());
        if (chosen.kind() == Work.Kind.ROWS) {
            return prepareRows(chosen, exchange, seconds);
        }
        List<Candidate> candidates = new ArrayList<>();
        try (SafetensorsFile file = Exchange.open(exchange, chosen.subject())) {
            for (TorchNet.Layout layout : TorchNet.layouts(chosen.net())) {
                checkSame(file, layout);
                for (TorchNet.Form form : forms()) {
                    candidates.add(new Candidate(layout.toString() + form, runs(net(file, layout), BATCHES, form)));
                }
            }
        }
        double share = seconds * 2 / 3 / candidates.size();
        candidates.forEach(candidate -> candidate.measure(chosen, share));
        for (int trial = 0; trial < TRIALS; trial++) {
            candidates.forEach(candidate -> candidate.measure(chosen, share / TRIALS));
        }
        run = Collections.max(candidates, Comparator.comparingDouble(candidate -> candidate.best)).run;
        return candidates.stream().map(Candidate::toString).collect(Collectors.joining(", "));
    }

    private String prepareRows(Work chosen, Path exchange, double seconds) {
        if (rowsManager != null) {
            rowsManager.close(); // the inputs of the function before
        }
        rowsManager = (PtNDManager) manager.newSubManager();
        TorchRows rows = new TorchRows(rowsManager, chosen);
        if (chosen.function().isComparable()) {
            try (SafetensorsFile file = Exchange.open(exchange, chosen.name())) {
                Exchange.requireAgreement(file, Exchange.RESULT, rows.sample(), NAME);
            }
        }
        run = rows::run;
        rate(seconds);
        return chosen.function().script(0, 0);
    }

    private List<TorchNet.Form> forms() {
        boolean folds = work.kind() == Work.Kind.INFER && TorchNet.folds(work.net());
        return folds ? List.of(TorchNet.Form.values()) : List.of(TorchNet.Form.PLAIN);
    }

    /** A way to do the work. The best of some trials counts, since a disturbed one says nothing. */
    private static final class Candidate {
        private final String name;
        private final Runnable run;
        private double best;

        Candidate(String name, Runnable run) {
            this.name = name;
            this.run = run;
        }

        void measure(Work work, double seconds) {
            best = Math.max(best, Rate.of(run, work.amount(), seconds));
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s at best %.0f/s", name, best);
        }
    }

    @Override
    public double rate(double seconds) {
        return Rate.of(run, work.amount(), seconds);
    }

    @Override
    public void train(Work chosen, int count) {
        work = chosen;
        JniUtils.setNumThreads(chosen.threads());
        BiFunction<String, Shape, NDArray> fresh = (name, shape) -> name.startsWith("w")
                ? manager.randomNormal(0, 0.05f, shape, DataType.FLOAT32)
                : manager.ones(shape);
        TorchNet net = new TorchNet(manager, chosen.net(), TorchNet.Layout.CHANNELS_LAST, fresh);
        Runnable step = runs(net, 1, TorchNet.Form.PLAIN);
        for (int i = 0; i < count; i++) {
            step.run();
        }
    }

    private TorchNet net(SafetensorsFile file, TorchNet.Layout layout) {
        TorchNet net = new TorchNet(manager, work.net(), layout, (name, shape) -> {
            requireShape(file, name, shape);
            return manager.create(Exchange.read(file, name), shape);
        });
        net.fold();
        return net;
    }

    private static void requireShape(SafetensorsFile file, String name, Shape expected) {
        org.alborz.type.Shape got = file.entry(name).shape();
        if (!Arrays.equals(expected.getShape(), Arrays.stream(got.toArray()).asLongStream().toArray())) {
            throw new IllegalStateException("PyTorch's net has " + name + " of shape " + expected + ", Alborz's " + got
                    + "; the two are not the same net");
        }
    }

    private void checkSame(SafetensorsFile file, TorchNet.Layout layout) {
        TorchNet net = net(file, layout);
        Noise samples = work.net().compared();
        PtNDArray inputs = net.ordered(inputs(samples));
        for (TorchNet.Form form : forms()) {
            Exchange.requireAgreement(file, Exchange.OUTPUT, net.output(inputs, form), NAME);
        }
        if (file.contains(Exchange.STEPPED)) {
            net.step(inputs, net.ordered(targets(samples)));
            Exchange.requireAgreement(file, Exchange.STEPPED, net.output(inputs, TorchNet.Form.PLAIN), NAME);
        }
    }

    private Runnable runs(TorchNet net, int distinct, TorchNet.Form form) {
        List<PtNDArray> inputs = new ArrayList<>();
        List<PtNDArray> targets = new ArrayList<>();
        for (int i = 0; i < distinct; i++) {
            Noise noise = new Noise(work.net(), i, work.size());
            inputs.add(net.ordered(inputs(noise)));
            targets.add(net.ordered(targets(noise)));
        }
        int[] next = {0};
        if (work.kind() == Work.Kind.TRAIN) {
            return () -> {
                int i = next[0]++ % distinct;
                net.step(inputs.get(i), targets.get(i));
            };
        }
        List<IValue> values = inputs.stream().map(IValue::from).toList();
        return () -> net.pass(values.get(next[0]++ % distinct), form);
    }

    /** Returns the inputs of samples, images as [N, C, H, W]. */
    private NDArray inputs(Noise noise) {
        boolean images = noise.net().readsImages();
        NDArray inputs = numbers(noise, 0, images ? org.alborz.type.Shape.of(32, 32, 3) : shape(noise, 0));
        return images ? inputs.transpose(0, 3, 1, 2) : inputs;
    }

    private NDArray targets(Noise noise) {
        if (!noise.net().isClassifier()) {
            return numbers(noise, 1, shape(noise, 1));
        }
        long[] values = new long[noise.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Sample.of(noise, i).ints(1)[0];
        }
        return manager.create(values);
    }

    private static org.alborz.type.Shape shape(Noise noise, int field) {
        return noise.fields().get(field).shape();
    }

    private NDArray numbers(Noise noise, int field, org.alborz.type.Shape shape) {
        int elements = noise.fields().get(field).elements();
        float[] values = new float[noise.size() * elements];
        for (int i = 0; i < noise.size(); i++) {
            System.arraycopy(Sample.of(noise, i).floats(field), 0, values, i * elements, elements);
        }
        long[] sizes = Arrays.stream(shape.toArray()).asLongStream().toArray();
        return manager.create(values, new Shape(noise.size()).addAll(new Shape(sizes)));
    }
}
