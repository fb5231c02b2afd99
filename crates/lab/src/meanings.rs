//! What other programs call things that have a name here: `lr` is `train.learning_rate`, `swish` is `silu`. Rules know
//! themselves what others call them.

use headwater_diagnose::RULES;

/// What a word probably means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// Its name here: a key, a value, a rule, or a flag of the command line.
    pub name: &'static str,
    /// What the user needs to know to use this name instead of the word.
    pub note: Option<&'static str>,
}

/// The usual names of each, in lower case without separators. A name with a section comes before one without.
const MEANINGS: &[(&str, &str)] = &[
    // What is trained on.
    (
        "data.source",
        "dataset data datapath datadir datafile file filename path folder csv npz traindata trainset data.name",
    ),
    ("data.label", "labels target targets labelcolumn targetcolumn class classcolumn ycolumn"),
    (
        "data.validation",
        "val valid validationsplit valsplit validationsize valsize validationfraction validationset dev",
    ),
    ("data.test", "testsplit testsize testfraction testset holdout"),
    // The network.
    (
        "network.hidden",
        "layers units neurons nodes hiddenlayers hiddenunits hiddensize hiddensizes hiddendim hiddendims layersizes \
         hiddenlayersizes sizes dims widths architecture arch topology",
    ),
    ("network.depth", "numlayers nlayers layercount numhiddenlayers nhidden numhidden blocks"),
    ("network.width", "numunits nunits unitsperlayer numneurons dim channels"),
    (
        "network.activation",
        "act activations actfn actfunc activationfn activationfunction nonlinearity nonlin transfer transferfunction",
    ),
    (
        "network.init",
        "initializer initialiser weightinit weightinitializer kernelinitializer kernelinit winit initweights weights \
         initialization initialisation weightinitialization",
    ),
    ("network.bias_init", "bias biases biasinitializer biasinitialiser binit initbias"),
    (
        "network.norm",
        "bn batchnorm batchnormalization batchnormalisation usebn layernorm ln layernormalization layernormalisation \
         normalization normalisation normalize normalise normlayer",
    ),
    (
        "network.residual",
        "skip skips skipconnection skipconnections residuals residualconnections resnet shortcut shortcuts",
    ),
    ("network.dropout", "drop dropoutrate droprate dropprob dropoutprob dropoutp pdrop keepprob"),
    ("network.loss", "criterion cost costfunction lossfn lossfunction train.loss train.objective"),
    // How it is trained.
    ("train.learning_rate", "lr rate eta stepsize baselr initlr maxlr initiallearningrate learningrateinit"),
    ("train.batch_size", "bs batch batches batchsz minibatch minibatchsize mbsize trainbatchsize samplesperbatch"),
    (
        "train.steps",
        "epochs epoch numepochs nepochs maxepochs trainepochs iterations iteration iters iter niter numiter maxiter \
         numiterations maxiterations updates maxsteps numsteps nsteps totalsteps trainsteps duration",
    ),
    ("train.optimizer", "opt optim optimiser solver algorithm momentum nesterov beta beta1 beta2 betas epsilon eps"),
    (
        "train.lr_schedule",
        "decay scheduler lrscheduler lrdecay learningratedecay learningrateschedule annealing gamma \
         train.schedule network.decay",
    ),
    ("train.warmup", "warmupsteps warmupepochs warmupiters lrwarmup warmupratio"),
    ("train.weight_decay", "wd l2 l2reg l2penalty l2regularization regularization regularisation reg lambda penalty"),
    (
        "train.clip_norm",
        "clip clipping gradclip gradientclip gradclipping gradientclipping clipgrad clipgradnorm gradnormclip maxgradnorm \
         maxnorm gradnorm",
    ),
    ("train.clip_value", "clipgradvalue gradclipvalue gradientclipvalue"),
    ("train.seed", "seed randomseed randomstate manualseed rng rngseed"),
    // What is recorded.
    (
        "record.every",
        "logevery loginterval logsteps logfreq logfrequency logeverynsteps everynsteps recordevery recordinterval \
         summaryfreq frequency freq interval record.steps",
    ),
    ("record.schedule", "logschedule recordschedule"),
    ("record.histograms", "hist hists histogramfreq loghistograms recordhistograms"),
    // The file.
    ("name", "experimentname experiment runname project title"),
    ("scenario", "variants variant runs cases"),
    ("sweep.keys", "grid searchspace space parameters params hyperparameters sweep.parameters"),
    ("sweep.trials", "ntrials numtrials samples nsamples numsamples maxtrials sweep.count sweep.runcap"),
    ("sweep.objective", "metric goal"),
    ("data", "dataconfig"),
    ("network", "model net modelconfig"),
    ("train", "training trainer trainconfig"),
    ("record", "recording logging logger log tensorboard summary"),
    // The command line.
    ("--seeds", "seeds numseeds nseeds repeats repetitions repeat"),
    ("--logdir", "logdir logpath output outdir outputdir savedir rundir"),
    ("--threads", "threads numthreads workers numworkers nworkers jobs njobs cores"),
    // Values.
    ("identity", "linear noactivation"),
    ("sigmoid", "logistic expit"),
    ("leaky_relu", "leaky lrelu prelu"),
    ("silu", "swish"),
    ("glorot_uniform", "glorot xavier xavieruniform"),
    ("glorot_normal", "xaviernormal"),
    ("he_normal", "kaiming kaimingnormal msra hekaiming"),
    ("he_uniform", "kaiminguniform"),
    ("lecun_normal", "lecun"),
    ("orthogonal", "ortho orthogonalinit orthonormal"),
    ("zeros", "zero"),
    ("normal", "gaussian randomnormal truncatednormal"),
    ("uniform", "randomuniform"),
    ("batch", "batchnorm batchnorm1d bn"),
    ("layer", "layernorm ln"),
    (
        "softmax_cross_entropy",
        "crossentropy ce xent nll categoricalcrossentropy sparsecategoricalcrossentropy crossentropyloss",
    ),
    ("mean_squared_error", "mse l2loss mseloss squarederror"),
    ("cosine", "cosineannealing cosinedecay"),
    ("step", "steplr multistep"),
    ("mnist", "digits"),
];

/// What the user needs to know about a word, besides its name here.
const NOTES: &[(&str, &str)] = &[
    (
        "epoch",
        "there are no epochs: one epoch is the number of training samples / train.batch_size steps, 1,833 for MNIST with batches of 30",
    ),
    ("keepprob", "it is the probability of dropping, 1 minus that of keeping"),
    ("momentum", "it is an argument of the optimizer: train.optimizer = \"momentum(0.9)\""),
    ("nesterov", "it is an optimizer: train.optimizer = \"nesterov(0.9)\""),
    (
        "beta beta1 beta2 betas",
        "it is an argument of the optimizer: train.optimizer = \"adam(beta1 = 0.9, beta2 = 0.999)\"",
    ),
    ("eps epsilon", "it is an argument of the optimizer: train.optimizer = \"adam(epsilon = 1e-8)\""),
    ("layernorm", "network.norm = \"layer\""),
    ("batchnorm", "network.norm = \"batch\""),
    ("warmupratio", "it is a number of steps"),
    ("warmupepochs", "it is a number of steps"),
    ("split", "it is a number of samples"),
    ("fraction", "it is a number of samples"),
    ("prelu", "its slope is not trained"),
    ("truncatednormal", "it is not truncated"),
];

/// Everything that `word` may mean, best first. Sections, case and separators count for little.
pub fn meanings(word: &str) -> Vec<Meaning> {
    let whole = folded(word);
    let last = whole.rsplit('.').next().unwrap_or_default();
    let named = |word: &str| {
        let of_word = |(_, words): &&(&str, &str)| words.split_whitespace().any(|known| known == word);
        let rules = RULES.iter().filter(|rule| rule.also_called.contains(&word)).map(|rule| rule.name);
        MEANINGS.iter().filter(of_word).map(|(name, _)| *name).chain(rules).collect::<Vec<_>>()
    };
    let mut names = if whole.contains('.') { named(&whole) } else { Vec::new() };
    if names.is_empty() {
        names = named(last);
    }
    // A note also applies to longer words: that of "epoch" applies to "num_epochs", too.
    let is_of = |part: &str| last == part || part.len() > 4 && last.contains(part);
    let note = NOTES.iter().find(|(words, _)| words.split_whitespace().any(is_of)).map(|(_, note)| *note);
    names.into_iter().map(|name| Meaning { name, note }).collect()
}

/// A name without what varies in spelling: case and word separators.
pub(crate) fn folded(name: &str) -> String {
    name.chars().filter(|character| !matches!(character, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// All names that a word may mean, for a test that they exist.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    MEANINGS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(word: &str) -> Option<&'static str> {
        meanings(word).first().map(|meaning| meaning.name)
    }

    #[test]
    fn a_usual_name_is_known_in_any_spelling_and_section() {
        for word in ["lr", "LR", "train.lr", "network.lr", "step_size", "base-lr"] {
            assert_eq!(first(word), Some("train.learning_rate"), "{word}");
        }
        assert_eq!(first("train.schedule"), Some("train.lr_schedule"), "the section decides");
        assert_eq!(first("log_schedule"), Some("record.schedule"));
        assert_eq!(first("zebra"), None);
    }

    #[test]
    fn what_has_to_be_known_is_said_of_all_relatives_of_a_word() {
        for word in ["epochs", "num_epochs", "train.max-epochs"] {
            assert!(meanings(word)[0].note.unwrap().contains("train.batch_size steps"), "{word}");
        }
        assert_eq!(meanings("lr")[0].note, None);
    }

    #[test]
    fn every_word_is_written_as_it_is_compared() {
        let words = MEANINGS
            .iter()
            .flat_map(|(_, words)| words.split_whitespace())
            .chain(NOTES.iter().flat_map(|(words, _)| words.split_whitespace()))
            .chain(RULES.iter().flat_map(|rule| rule.also_called.iter().copied()));
        for word in words {
            assert_eq!(folded(word), word);
        }
    }
}
