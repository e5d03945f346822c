package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Activations;
import org.alborz.nn.Gru;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Lstm;
import org.alborz.nn.Module;
import org.alborz.nn.MultiHeadAttention;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Rnn;
import org.alborz.nn.Structure;
import org.alborz.nn.TransformerDecoder;
import org.alborz.nn.TransformerDecoderLayer;
import org.alborz.nn.TransformerEncoderLayer;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Our recurrent nets, attention and transformer layers for PyTorch's; further inputs of a case are parameters here. */
final class GoldenSequences {
    /** What our names begin with and PyTorch's do not. */
    static final String PART = "net.";

    private GoldenSequences() {}

    static Layer of(GoldenCase golden) {
        return switch (golden.layer()) {
            case "LSTM", "GRU", "RNN" -> new Recurrent(golden);
            case "MultiheadAttention" -> new Attention(golden);
            case "TransformerEncoderLayer" -> encoder(golden);
            case "TransformerDecoderLayer" -> {
                TransformerDecoderLayer net = decoderLayer(golden);
                yield new Decoder(golden, net, net::forward);
            }
            case "TransformerDecoder" -> {
                TransformerDecoder net = new TransformerDecoder(() -> decoderLayer(golden), golden.whole("num_layers"));
                yield new Decoder(golden, net, net::forward);
            }
            default -> null;
        };
    }

    private static Parameter further(GoldenCase golden, String name) {
        return golden.has(name) ? Parameter.of(golden.tensor(name).shape(), Initializer.constant(0)) : null;
    }

    private static void describe(Structure structure, Module net, String name, Parameter further) {
        structure.module("net", net);
        if (further != null) {
            structure.parameter(name, further);
        }
    }

    /** A recurrent net whose result is the output and the last states, flat and one after the other. */
    private static final class Recurrent implements Layer {
        private final Module net;
        private final Parameter hidden;
        private final Parameter cell;
        private final int[] lengths;

        Recurrent(GoldenCase golden) {
            int in = golden.whole("input_size");
            int size = golden.whole("hidden_size");
            int layers = golden.whole("num_layers");
            boolean both = golden.flag("bidirectional");
            boolean bias = golden.flag("bias");
            net = switch (golden.layer()) {
                case "LSTM" ->
                    new Lstm(in, size)
                            .layers(layers)
                            .bidirectional(both)
                            .bias(bias)
                            .projection(golden.whole("proj_size"));
                case "GRU" ->
                    new Gru(in, size).layers(layers).bidirectional(both).bias(bias);
                default ->
                    new Rnn(in, size)
                            .layers(layers)
                            .bidirectional(both)
                            .bias(bias)
                            .relu(golden.text("nonlinearity").equals("relu"));
            };
            hidden = further(golden, "h0");
            cell = further(golden, "c0");
            lengths = golden.list("lengths");
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor of = lengths.length == 0 ? null : x.session().tensor(lengths);
            Tensor h = hidden == null ? null : pass.use(hidden);
            List<Tensor> parts = new ArrayList<>();
            if (net instanceof Lstm lstm) {
                Lstm.State initial = h == null ? null : new Lstm.State(h, pass.use(cell));
                Lstm.Output result = lstm.run(x, initial, of, pass);
                parts.addAll(List.of(
                        result.output(), result.state().hidden(), result.state().cell()));
            } else if (net instanceof Gru gru) {
                Gru.Output result = gru.run(x, h, of, pass);
                parts.addAll(List.of(result.output(), result.state()));
            } else {
                Rnn.Output result = ((Rnn) net).run(x, h, of, pass);
                parts.addAll(List.of(result.output(), result.state()));
            }
            return Tensor.concat(0, parts.stream().map(Tensor::flatten).toArray(Tensor[]::new));
        }

        @Override
        public void describe(Structure structure) {
            GoldenSequences.describe(structure, net, "h0", hidden);
            if (cell != null) {
                structure.parameter("c0", cell);
            }
        }
    }

    /** Attention within the input, or to a memory, the second of whose sequences ends two places early if asked for. */
    private static final class Attention implements Layer {
        private final MultiHeadAttention net;
        private final Parameter memory;
        private final boolean padded;

        Attention(GoldenCase golden) {
            net = new MultiHeadAttention(golden.whole("embed_dim"), golden.whole("num_heads"))
                    .causal(golden.flag("causal"));
            memory = further(golden, "memory");
            padded = golden.flag("padded");
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor other = memory == null ? x : pass.use(memory);
            int keys = other.shape().size(1);
            Tensor lengths = x.session().tensor(new int[] {keys, keys - 2}, Shape.of(2, 1, 1, 1));
            return net.attend(x, other, padded ? x.session().arange(keys).lt(lengths) : null, pass);
        }

        @Override
        public void describe(Structure structure) {
            GoldenSequences.describe(structure, net, "memory", memory);
        }
    }

    private static Layer encoder(GoldenCase golden) {
        return new TransformerEncoderLayer(
                        golden.whole("d_model"), golden.whole("nhead"), golden.whole("dim_feedforward"))
                .dropout(0)
                .activation(golden.text("activation").equals("relu") ? Activations.relu() : Activations.gelu())
                .normFirst(golden.flag("norm_first"));
    }

    private static TransformerDecoderLayer decoderLayer(GoldenCase golden) {
        return new TransformerDecoderLayer(
                        golden.whole("d_model"), golden.whole("nhead"), golden.whole("dim_feedforward"))
                .dropout(0)
                .activation(Activations.gelu())
                .normFirst(golden.flag("norm_first"));
    }

    /** What a decoder, or a layer of one, computes. */
    private interface Decoding {
        Tensor forward(Tensor x, Tensor memory, Tensor memoryMask, Pass pass);
    }

    /** A decoder, or a layer of one, with its memory. */
    private static final class Decoder implements Layer {
        private final Module net;
        private final Decoding decoding;
        private final Parameter memory;

        Decoder(GoldenCase golden, Module net, Decoding decoding) {
            this.net = net;
            this.decoding = decoding;
            memory = further(golden, "memory");
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return decoding.forward(x, pass.use(memory), null, pass);
        }

        @Override
        public void describe(Structure structure) {
            GoldenSequences.describe(structure, net, "memory", memory);
        }
    }
}
