package org.alborz.benchmarks.peers.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.alborz.benchmarks.peers.Contestant;
import org.alborz.benchmarks.peers.Net;

/** A net in PyTorch with its weights, its states and Adam's moments. */
final class TorchNet {
    private static final List<String> ATTRIBUTES = List.of("w", "s", "m", "v", "t", "f");

    /** DJL takes the method to run from the name of an array among the inputs. */
    private static final String METHOD = "module_method:";

    private final PtNDManager manager;
    private final Layout layout;
    private final PtSymbolBlock module;
    private final PtNDArray stepMethod;

    /** The memory format of images and filters; PyTorch chooses its kernels by it. */
    enum Layout {
        CONTIGUOUS("contiguous"),
        CHANNELS_LAST("channels last");

        private final String words;

        Layout(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }

        /** Brings an array into this order; those that are no images stay as they are. */
        PtNDArray of(NDArray array) {
            boolean images = this == CHANNELS_LAST && array.getShape().dimension() == 4;
            return images
                    ? (PtNDArray) inMemoryOrder(array.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
                    : (PtNDArray) inMemoryOrder(array);
        }

        private static NDArray inMemoryOrder(NDArray array) {
            return array.flatten().reshape(array.getShape());
        }
    }

    /** How a forward pass treats batch normalisation. */
    enum Form {
        PLAIN("forward", ""),
        FOLDED("folded", ", batch norm folded");

        private final String method;
        private final String words;

        Form(String method, String words) {
            this.method = method;
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** Tells whether a net has batch normalisation that can be folded. */
    static boolean folds(Net net) {
        return ForwardScript.of(net, ForwardScript.Mode.FOLDED).folds();
    }

    /** Returns the memory formats in which a net may be fastest: other ones make a difference for images only. */
    static List<Layout> layouts(Net net) {
        return net.readsImages() ? List.of(Layout.values()) : List.of(Layout.CONTIGUOUS);
    }

    /**
     * Makes a net.
     *
     * @param values gives the first values of {@code w0}, {@code s0} and so on, by name and shape
     */
    TorchNet(PtNDManager manager, Net net, Layout layout, BiFunction<String, Shape, NDArray> values) {
        this.manager = manager;
        this.layout = layout;
        ForwardScript training = ForwardScript.of(net, ForwardScript.Mode.TRAINING);
        this.module = load(manager, source(net, training, layout));
        this.stepMethod = (PtNDArray) manager.create(0f);
        stepMethod.setName(METHOD + "step");
        PtNDArray[] w = arrays("w", training.weights(), values);
        PtNDArray[] s = arrays("s", training.states(), values);
        for (PtNDArray weight : w) {
            weight.setRequiresGradient(true);
        }
        bind(w, s);
    }

    private static PtSymbolBlock load(PtNDManager manager, String source) {
        byte[] file = TorchScriptFile.of(source, ATTRIBUTES);
        try {
            return JniUtils.loadModule(manager, new ByteArrayInputStream(file), true, false);
        } catch (IOException e) {
            throw new UncheckedIOException("A module in memory could not be read", e);
        }
    }

    private static String source(Net net, ForwardScript training, Layout layout) {
        ForwardScript evaluation = ForwardScript.of(net, ForwardScript.Mode.EVALUATION);
        ForwardScript folded = ForwardScript.of(net, ForwardScript.Mode.FOLDED);
        // A gradient must have its weight's layout: the fused Adam goes through memory, and the engine may give either order.
        String ordered = layout == Layout.CHANNELS_LAST
                ? """
                      if torch.eq(torch.dim(g), 4):
                        q = torch.contiguous(g, memory_format=2)
                      else:
                        q = torch.contiguous(g)
                """
                : "      q = torch.contiguous(g)\n";
        return """
                class Net(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                  w : List[Tensor]
                  s : List[Tensor]
                  m : List[Tensor]
                  v : List[Tensor]
                  t : List[Tensor]
                  f : List[Tensor]
                  def load(self: __torch__.Net, w: List[Tensor], s: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor]) -> bool:
                    self.w = w
                    self.s = s
                    self.m = m
                    self.v = v
                    self.t = t
                    return True
                  def forward(self: __torch__.Net, x: Tensor) -> Tensor:
                """
                + evaluation.body()
                + "  def folded(self: __torch__.Net, x: Tensor) -> Tensor:\n" + folded.body()
                + "  def fold(self: __torch__.Net) -> bool:\n" + folded.foldingBody()
                + "  def output(self: __torch__.Net, x: Tensor) -> Tensor:\n" + training.body()
                + """
                  def step(self: __torch__.Net, x: Tensor, y: Tensor) -> Tensor:
                    w = self.w
                    loss = torch.%s((self).output(x, ), y)
                    gradients = torch.grad([loss], w)
                    _0 = torch.set_grad_enabled(False)
                    ordered = annotate(List[Tensor], [])
                    for i in range(torch.len(gradients)):
                      g = unchecked_cast(Tensor, gradients[i])
                """
                        .formatted(net.isClassifier() ? "cross_entropy_loss" : "mse_loss")
                + ordered
                + """
                      _1 = torch.append(ordered, q)
                    t = self.t
                    _2 = torch._foreach_add_(t, 1.)
                    _3 = torch._fused_adam_(w, ordered, self.m, self.v, [], t, lr=%s, beta1=0.9, beta2=0.999, weight_decay=0., eps=1e-08, amsgrad=False, maximize=False)
                    _4 = torch.set_grad_enabled(True)
                    return torch.detach(loss)
                """
                        .formatted(Contestant.LEARNING_RATE);
    }

    private PtNDArray[] arrays(String prefix, List<Shape> shapes, BiFunction<String, Shape, NDArray> values) {
        PtNDArray[] arrays = new PtNDArray[shapes.size()];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = layout.of(values.apply(prefix + i, shapes.get(i)));
        }
        return arrays;
    }

    private void bind(PtNDArray[] w, PtNDArray[] s) {
        List<PtNDArray[]> moments = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            PtNDArray[] zeros = new PtNDArray[w.length];
            for (int j = 0; j < w.length; j++) {
                zeros[j] = layout.of(manager.zeros(w[j].getShape()));
            }
            moments.add(zeros);
        }
        PtNDArray[] steps = new PtNDArray[w.length];
        for (int j = 0; j < w.length; j++) {
            steps[j] = (PtNDArray) manager.create(0f);
        }
        try (IValue weights = IValue.listFrom(w);
                IValue states = IValue.listFrom(s);
                IValue first = IValue.listFrom(moments.get(0));
                IValue second = IValue.listFrom(moments.get(1));
                IValue counts = IValue.listFrom(steps)) {
            IValueUtils.runMethod(module, "load", weights, states, first, second, counts)
                    .close();
        }
    }

    /** Brings inputs or targets into the memory format that this net needs. */
    PtNDArray ordered(NDArray array) {
        return layout.of(array);
    }

    /** Does a training step. */
    void step(PtNDArray inputs, PtNDArray targets) {
        IValueUtils.forward(module, new NDList(inputs, targets, stepMethod), true).close();
    }

    /** Folds batch normalisation into the convolutions as they are now, for {@link Form#FOLDED}. */
    void fold() {
        IValueUtils.runMethod(module, "fold").close();
    }

    /** Does a forward pass in evaluation and inference mode. */
    void pass(IValue inputs, Form form) {
        IValueUtils.runMethod(module, form.method, inputs).close();
    }

    /** Returns the output of evaluation mode. */
    float[] output(PtNDArray inputs, Form form) {
        try (IValue input = IValue.from(inputs);
                IValue output = IValueUtils.runMethod(module, form.method, input)) {
            return output.toTensor(manager).toFloatArray();
        }
    }
}
