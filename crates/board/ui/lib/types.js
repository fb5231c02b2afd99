// The shapes of what the server says, and of what the page makes of it.

/**
 * @typedef {object} Tag  A tag that some run has; the same tag may occur with several kinds.
 * @property {string} tag
 * @property {"scalar"|"histogram"|"text"|"image"|"audio"|"pr_curve"|"hparams"|"graph"|"run_metadata"|"json"|"other"} kind
 * @property {string} name  To be shown instead of the tag, if not empty.
 * @property {string} description  Markdown, as its writer said it.
 */

/**
 * @typedef {object} Measure  What the page shows along the layers.
 * @property {string} key  Such as "gradient/mean_abs".
 * @property {string} label  In lists.
 * @property {string} noun  In sentences. Of a gain, what changes delta.
 * @property {boolean} plural  Whether the noun takes a plural verb.
 * @property {"log"|"share"|"ln_factor"} axis  Magnitudes; shares from 0 to 1; natural logarithms of factors.
 * @property {boolean} gradient  Whether it says how much of the gradient arrives.
 * @property {boolean} gain  Whether it is one of the gains.
 * @property {boolean} geometric  Whether its mean over several steps is the geometric one.
 */

/**
 * @typedef {object} FlowQuantity
 * @property {string} quantity  Such as "gradient/mean_abs".
 * @property {string[]} layers  In network order.
 */

/**
 * @typedef {object} TagSet  Runs with the same tags share one.
 * @property {number[]} tags  Indices into the catalogue's tags.
 * @property {FlowQuantity[]} flow
 */

/** @typedef {"live"|"stale"|"done"|"diverged"|"interrupted"|"failed"} Status */

/**
 * @typedef {object} Run
 * @property {string} name
 * @property {number} generation  Another one means: everything is to be read anew.
 * @property {number} set  Index into the catalogue's sets.
 * @property {Status} status
 * @property {number} started  Seconds since 1970.
 * @property {number} updated
 * @property {number} first_step
 * @property {number} last_step
 * @property {number} values
 */

/**
 * @typedef {object} Catalogue
 * @property {string} instance  Identifies the server. If it changes, the server was restarted, and all earlier answers are invalid.
 * @property {number} version
 * @property {boolean} loading
 * @property {string} logdir
 * @property {number} problems
 * @property {Measure[]} measures
 * @property {Tag[]} tags
 * @property {TagSet[]} sets
 * @property {Run[]} runs
 */

/**
 * @typedef {object} Group  What is drawn as one: a run, or the runs that share a configuration value.
 * @property {string} key
 * @property {string} label
 * @property {string} colour
 * @property {string[]} runs
 */

/**
 * @typedef {object} Session  A run's configuration.
 * @property {string} run
 * @property {Status} status
 * @property {Record<string, string|number|boolean>} params
 * @property {Record<string, number|string|null>} metrics
 */

/**
 * @typedef {object} HParams
 * @property {string[]} params
 * @property {string[]} metrics
 * @property {Session[]} sessions
 * @property {Border|null} border
 */

/**
 * @typedef {object} Border  What theory expects of the runs in the plane of two of their parameters.
 * @property {string} x
 * @property {string} y
 * @property {string} name
 * @property {[number|string, number|string][]} points  Ascending in x; "Infinity" where it goes up without end.
 */

/**
 * @typedef {object} Page
 * @property {string} id  Its name in the URL.
 * @property {string} title
 * @property {string} hint  One sentence: what it is for.
 * @property {(catalogue: Catalogue) => boolean} available  Whether the records hold anything for it.
 * @property {() => Promise<{View: import("../vendor/preact.js").ComponentType<{}>}>} load
 */

/** @typedef {"error"|"warning"|"note"} Severity */

/**
 * @typedef {object} Summary  What is said of a run, in short.
 * @property {string} run
 * @property {number} errors
 * @property {number} warnings
 * @property {number} notes
 * @property {{rule: string, severity: Severity}|null} worst
 * @property {boolean} looked  Whether there was anything to look at.
 * @property {number} edition  Another one means: something else is said of the run.
 */

/**
 * @typedef {object} Fact  A number behind a finding.
 * @property {string} what
 * @property {string|null} layer
 * @property {number|null} step
 * @property {number|null} value  Null if it is not finite.
 * @property {number|null} threshold
 */

/**
 * @typedef {object} Finding
 * @property {string} rule
 * @property {string} run
 * @property {string[]} layers  From the input to the output; none if it is about the whole network.
 * @property {number} first_step
 * @property {number} last_step
 * @property {Severity} severity
 * @property {number} confidence  From 0 to 1.
 * @property {string} cause
 * @property {string} summary
 * @property {Fact[]} evidence
 * @property {{set: string|null, advice: string}[]} remedies  The best first.
 * @property {string[]} explains  Rules.
 * @property {number|null} seen_live  The step after which the run was told of it while it trained.
 */

/**
 * @typedef {object} LiveFinding  What a run was told while it trained.
 * @property {number} step  After which it was told.
 * @property {string} rule
 * @property {Severity} severity
 * @property {string[]} layers
 * @property {string} summary
 * @property {Fact[]} evidence
 */

/**
 * @typedef {object} Diagnosis  What is said of a run.
 * @property {string} run
 * @property {string[]} layers
 * @property {Finding[]} findings  The worst first.
 * @property {LiveFinding[]} only_live  What the finished records do not show.
 * @property {string[]} not_judged
 * @property {"names"|"records"|"graph"|"network"} [order]  How the order of the layers is known.
 * @property {string[]} [notes]  What of the records was not looked at, and why.
 * @property {boolean} looked
 * @property {Record<string, number[]>} marks  Tags of scalars, and which findings they belong to.
 * @property {Record<string, string>} ideas  Rules, and the ideas that explain what they see.
 */

export {};
