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
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.alborz.data.Sample;
import org.alborz.benchmarks.peers.Contestant;
import org.alborz.benchmarks.peers.Exchange;
import org.alborz.benchmarks.peers.NoiseImages;
import org.alborz.benchmarks.peers.Rate;
import org.alborz.benchmarks.peers.Work;
import org.alborz.benchmarks.peers.Worker;
import org.alborz.checkpoint.SafetensorsFile;

/** PyTorch on the CPU, in the memory order and, for inference, the form of batch normalisation that turn out fastest here. */
public final class TorchContestant implements Contestant {
    /** How far two engines' sums may differ. */
    private static final double TOLERANCE = 1e-3;

    /** The same after an Adam step, whose size depends on the sign of gradients near 0. */
    private static final double TOLERANCE_OF_STEP = 2e-2;

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
        PtNDManager manager = (PtNDManager) Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
        JniUtils.setGradMode(true); // DJL switches it off
        Worker.serve(new TorchContestant(manager));
    }

    @Override
    public String prepare(Work chosen, Path exchange, double seconds) {
        work = chosen;
        JniUtils.setNumThreads(chosen.threads());
        if (chosen.kind() == Work.Kind.ROWS) {
            return prepareRows(chosen, exchange, seconds);
        }
        List<Candidate> candidates = new ArrayList<>();
        try (SafetensorsFile file = Exchange.open(exchange, chosen.model())) {
            for (TorchNet.Layout layout : TorchNet.Layout.values()) {
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
        return "PyTorch " + manager.getEngine().getVersion()
                + candidates.stream().map(Candidate::toString).collect(Collectors.joining());
    }

    private String prepareRows(Work chosen, Path exchange, double seconds) {
        if (rowsManager != null) {
            rowsManager.close(); // the inputs of the function before
        }
        rowsManager = (PtNDManager) manager.newSubManager();
        TorchRows rows = new TorchRows(rowsManager, chosen);
        if (chosen.function().isComparable()) {
            try (SafetensorsFile file = Exchange.open(exchange, chosen.name())) {
                agree(Exchange.RESULT, Exchange.read(file, Exchange.RESULT), rows.sample(), TOLERANCE);
            }
        }
        run = rows::run;
        rate(seconds);
        return "PyTorch " + manager.getEngine().getVersion();
    }

    private List<TorchNet.Form> forms() {
        boolean folds = work.kind() == Work.Kind.INFER && TorchNet.folds(work.model());
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
            return String.format(Locale.ROOT, ", %s at best %.0f/s", name, best);
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
        TorchNet net = new TorchNet(manager, chosen.model(), TorchNet.Layout.CHANNELS_LAST, fresh);
        Runnable step = runs(net, 1, TorchNet.Form.PLAIN);
        for (int i = 0; i < count; i++) {
            step.run();
        }
    }

    private TorchNet net(SafetensorsFile file, TorchNet.Layout layout) {
        TorchNet net = new TorchNet(manager, work.model(), layout, (name, shape) -> {
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
        PtNDArray images = net.ordered(images(Exchange.images()));
        for (TorchNet.Form form : forms()) {
            agree("logits", Exchange.read(file, "logits"), net.logits(images, form), TOLERANCE);
        }
        if (file.contains("stepped")) {
            net.step(images, labels(Exchange.images()));
            agree("logits after a step", Exchange.read(file, "stepped"), net.logits(images, TorchNet.Form.PLAIN), TOLERANCE_OF_STEP);
        }
    }

    private static void agree(String what, float[] ours, float[] theirs, double tolerance) {
        for (int i = 0; i < ours.length; i++) {
            if (!(Math.abs(ours[i] - theirs[i]) <= tolerance * Math.max(1, Math.abs(ours[i])))) {
                throw new IllegalStateException("The " + what + " differ at " + i + ": Alborz has " + ours[i]
                        + ", PyTorch " + theirs[i] + "; the two would not do the same work");
            }
        }
    }

    private Runnable runs(TorchNet net, int distinct, TorchNet.Form form) {
        List<PtNDArray> images = new ArrayList<>();
        List<PtNDArray> labels = new ArrayList<>();
        for (int i = 0; i < distinct; i++) {
            NoiseImages noise = new NoiseImages(i, work.size());
            images.add(net.ordered(images(noise)));
            labels.add(labels(noise));
        }
        int[] next = {0};
        if (work.kind() == Work.Kind.TRAIN) {
            return () -> {
                int i = next[0]++ % distinct;
                net.step(images.get(i), labels.get(i));
            };
        }
        List<IValue> inputs = images.stream().map(IValue::from).toList();
        return () -> net.pass(inputs.get(next[0]++ % distinct), form);
    }

    /** Returns images [N, C, H, W]. */
    private NDArray images(NoiseImages noise) {
        int elements = noise.fields().get(0).elements();
        float[] values = new float[noise.size() * elements];
        for (int i = 0; i < noise.size(); i++) {
            System.arraycopy(Sample.of(noise, i).floats(0), 0, values, i * elements, elements);
        }
        return manager.create(values, new Shape(noise.size(), 32, 32, 3)).transpose(0, 3, 1, 2);
    }

    private PtNDArray labels(NoiseImages noise) {
        long[] values = new long[noise.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Sample.of(noise, i).ints(1)[0];
        }
        return (PtNDArray) manager.create(values);
    }
}
