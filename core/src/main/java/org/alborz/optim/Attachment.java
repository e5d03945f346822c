package org.alborz.optim;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * The model that an optimizer serves, the optimizer's states for it, and which of its parameters are updated how. Optimizers keep one, so
 * that each knows parameter groups and leaves frozen parameters alone.
 */
public final class Attachment {
    /** What a parameter that is in no group is updated with. */
    private static final ParameterGroup DEFAULT = ParameterGroup.all();

    private final String owner;
    private final double weightDecay;
    private final boolean decoupled;
    private final List<ParameterGroup> groups;
    private final boolean separate;
    private final Map<String, Tensor> states = new LinkedHashMap<>();
    private final Map<String, Tensor> parameterStates = new LinkedHashMap<>();
    private final List<Span> spans = new ArrayList<>();
    private Model model;

    /** The model's {@link Model#freezes} that the spans were made for. */
    private long freezes;

    /** Makes one that is not tied to a model yet, of an optimizer that adds its weight decay to the gradient. */
    public Attachment(String owner, double weightDecay, List<ParameterGroup> groups) {
        this(owner, weightDecay, false, groups, false);
    }

    /**
     * Makes one that is not tied to a model yet.
     *
     * @param owner the optimizer's name in messages
     * @param weightDecay of parameters whose group has none of its own
     * @param decoupled whether that of a group which does not say is subtracted from the values, rather than added to the gradient
     * @param groups a parameter belongs to the first that takes it
     * @param separate whether each parameter is to have a span of its own
     */
    public Attachment(
            String owner, double weightDecay, boolean decoupled, List<ParameterGroup> groups, boolean separate) {
        this.owner = owner;
        this.weightDecay = Checks.weightDecay(owner, weightDecay);
        this.decoupled = decoupled;
        this.separate = separate;
        this.groups = List.copyOf(Given.value(groups, owner, "parameter groups"));
    }

    /** Returns the weight decay of parameters whose group has none of its own. */
    public double weightDecay() {
        return weightDecay;
    }

    /**
     * Ties the optimizer to a model and makes its states, zeros laid out as the model's values and owned by the model, of a type that
     * averages over many steps do not stall in.
     *
     * @throws IllegalArgumentException when a group takes no parameter, or those before it take all of its, or a weight decay is beyond the type's range
     * @throws IllegalStateException when the optimizer serves a model already
     */
    public void attach(Model newModel, String... stateNames) {
        Given.value(newModel, "An optimizer", "a model").session().check();
        if (model != null) {
            throw new IllegalStateException(
                    "This " + owner + " optimizer already serves a model; make one for each model");
        }
        if (newModel.values().isClosed()) {
            throw new IllegalStateException(
                    "The " + owner + " optimizer was given a model that was closed; make another model");
        }
        groups.forEach(group -> requireMembers(newModel, group));
        model = newModel;
        try {
            for (String name : stateNames) {
                states.put(name, state(name));
            }
            requireInRange();
            makeSpans();
        } catch (RuntimeException | Error e) {
            detach();
            throw e;
        }
    }

    private void requireMembers(Model of, ParameterGroup group) {
        List<String> taken = new ArrayList<>();
        for (Parameter parameter : of.trainable()) {
            if (group.parameters().test(parameter)) {
                if (memberOf(parameter) == group) {
                    return;
                }
                taken.add(parameter.name());
            }
        }
        throw new IllegalArgumentException("A parameter group of " + owner + " (rate factor " + group.rateFactor()
                + ", weight decay " + decayOf(group) + ") takes no learned parameter of the model, "
                + (taken.isEmpty()
                        ? "which has "
                                + of.trainable().stream().map(Parameter::name).toList() + "; correct its predicate"
                        : "since groups before it take " + taken + "; put it before them"));
    }

    private void requireInRange() {
        Checks.requireIn(model.values().dtype().accumulator(), owner, "weight decay", weightDecay);
        for (ParameterGroup group : groups) {
            Checks.requireIn(model.values().dtype().accumulator(), owner, "weight decay", decayOf(group));
            Checks.requireIn(model.values().dtype().accumulator(), owner, "L1 penalty", group.l1());
        }
    }

    private double decayOf(ParameterGroup group) {
        return group.weightDecay().orElse(weightDecay);
    }

    private Tensor state(String name) {
        return zeros(name, model.values().shape());
    }

    private Tensor zeros(String name, Shape shape) {
        Tensor zeros = requireModel()
                .session()
                .empty(model.values().dtype().accumulator(), Layout.rowMajor(shape))
                .fill(0);
        return model.own(zeros).named(name);
    }

    /** Makes a state of zeros of a shape of its own, likewise owned by the model; it is one of {@link #parameterStates}. */
    public Tensor addState(String name, Shape shape) {
        Tensor made = zeros(name, shape);
        parameterStates.put(name, made);
        return made;
    }

    /** Closes the states; another model may be served then. */
    public void detach() {
        if (model != null) {
            model.session().requireOwner();
        }
        closeSpans();
        states.values().forEach(Tensor::close);
        states.clear();
        parameterStates.values().forEach(Tensor::close);
        parameterStates.clear();
        model = null;
    }

    /** Returns the model, or null before there is one. */
    public Model model() {
        return model;
    }

    /** Returns the model; refuses when there is none, or it was closed. */
    public Model requireModel() {
        if (model == null) {
            throw new IllegalStateException("The optimizer serves no model yet; call attach(model) first");
        }
        model.session().check();
        if (model.values().isClosed()) {
            throw new IllegalStateException("The optimizer was used after its model was closed; make another one");
        }
        return model;
    }

    /** Returns the states by name, in the order in which they were asked for. */
    public Map<String, Tensor> states() {
        return Collections.unmodifiableMap(states);
    }

    /** Returns by name the states that {@link #addState} made. */
    public Map<String, Tensor> parameterStates() {
        return Collections.unmodifiableMap(parameterStates);
    }

    /** Returns what is to be updated, each span by one call; frozen parameters are in none. */
    public List<Span> spans() {
        if (requireModel().freezes() != freezes) {
            makeSpans();
        }
        return spans;
    }

    private void makeSpans() {
        closeSpans();
        freezes = model.freezes();
        List<Parameter> parameters = model.trainable();
        int size = model.values().shape().size(0);
        int from = 0;
        while (from < parameters.size()) {
            ParameterGroup group = groupOf(parameters.get(from));
            int to = from + 1;
            while (!separate && to < parameters.size() && groupOf(parameters.get(to)) == group) {
                to++;
            }
            if (group != null) {
                int start = offset(parameters.get(from));
                int end = to < parameters.size() ? offset(parameters.get(to)) : size;
                spans.add(span(group, List.copyOf(parameters.subList(from, to)), start, end - start));
            }
            from = to;
        }
    }

    /** Returns the group whose settings a parameter is updated with, or null where it is frozen. */
    private ParameterGroup groupOf(Parameter parameter) {
        return parameter.isFrozen() ? null : memberOf(parameter);
    }

    private ParameterGroup memberOf(Parameter parameter) {
        for (ParameterGroup group : groups) {
            if (group.parameters().test(parameter)) {
                return group;
            }
        }
        return DEFAULT;
    }

    private static int offset(Parameter parameter) {
        return (int) parameter.value().layout().offset();
    }

    private Span span(ParameterGroup group, List<Parameter> parameters, int start, int length) {
        boolean whole = length == model.values().shape().size(0);
        Function<Tensor, Tensor> part = flat -> whole ? flat : model.own(flat.narrow(0, start, length));
        return new Span(
                parameters,
                part.apply(model.values()),
                part.apply(model.gradients()),
                states.values().stream().map(part).toList(),
                group.rateFactor(),
                decayOf(group),
                group.decoupled().orElse(decoupled),
                group.l1());
    }

    private void closeSpans() {
        for (Span span : spans) {
            if (model != null && span.values() != model.values()) {
                span.values().close();
                span.gradients().close();
                span.states().forEach(Tensor::close);
            }
        }
        spans.clear();
    }

    List<ParameterGroup> groups() {
        return groups;
    }

    /** Returns the groups in words, empty without any: which parameters they take, once they are known. */
    public String settings() {
        StringBuilder words = new StringBuilder();
        for (ParameterGroup group : groups) {
            words.append(" group(rate_factor=")
                    .append(group.rateFactor())
                    .append(" weight_decay=")
                    .append(decayOf(group));
            group.decoupled().ifPresent(value -> words.append(" decoupled=").append(value));
            if (group.l1() != 0) {
                words.append(" l1=").append(group.l1());
            }
            if (model != null) {
                words.append(':');
                model.trainable().stream()
                        .filter(parameter -> memberOf(parameter) == group)
                        .forEach(parameter -> words.append(' ').append(parameter.name()));
            }
            words.append(')');
        }
        return words.toString();
    }
}
