// What routes take and give, for the document at /docs/json. Nothing is checked by it.

const TENSOR = {
  type: 'object',
  required: ['name', 'shape', 'datatype'],
  properties: {
    name: { type: 'string' },
    shape: { type: 'array', items: { type: 'integer' } },
    datatype: { type: 'string' },
    parameters: { type: 'object', additionalProperties: true },
    data: { type: 'array', items: {} },
  },
} as const

const FAILURE = {
  description: 'Why there is no answer; index is that of the crystal, where it is one',
  type: 'object',
  properties: { error: { type: 'string' }, code: { type: 'string' }, index: { type: 'integer' } },
} as const

const FAILURES = { '4xx': FAILURE, '5xx': FAILURE } as const
const security: readonly { [scheme: string]: readonly string[] }[] = [{}, { key: [] }]

export const SERVER = {
  summary: 'name, version and extensions of the server',
  tags: ['server'],
  security,
} as const

export const METADATA = {
  ...{ summary: 'what a model takes and gives', tags: ['models'], security },
  response: {
    200: {
      description: 'Inputs, outputs, targets with their units',
      type: 'object',
      properties: {
        name: { type: 'string' },
        versions: { type: 'array', items: { type: 'string' } },
        platform: { type: 'string' },
        inputs: { type: 'array', items: TENSOR },
        outputs: { type: 'array', items: TENSOR },
        parameters: { type: 'object', additionalProperties: true },
      },
    },
    ...FAILURES,
  },
} as const

export const INFER = {
  ...{ summary: 'predictions for the crystals of a request', tags: ['inference'], security },
  description:
    'Inputs are structure (BYTES [C], the text of a file each), or atoms [C], numbers [A], frac [A,3] and lattice [C,3,3]. ' +
    'Parameters: level (of the interval), partial (a crystal that fails does so alone), binary_data_output.',
  body: {
    type: 'object',
    required: ['inputs'],
    properties: {
      id: { type: 'string' },
      parameters: { type: 'object', additionalProperties: true },
      inputs: { type: 'array', items: TENSOR },
      outputs: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
    },
  },
  response: {
    200: {
      description: 'Outputs, a row for each crystal',
      type: 'object',
      properties: {
        model_name: { type: 'string' },
        model_version: { type: 'string' },
        id: { type: 'string' },
        outputs: { type: 'array', items: TENSOR },
      },
    },
    ...FAILURES,
  },
} as const

export const INDEX = {
  ...{ summary: 'all models and their states', tags: ['models'], security },
  response: {
    200: {
      description: 'The models',
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          version: { type: 'string' },
          state: { type: 'string', enum: ['READY', 'LOADING', 'UNAVAILABLE'] },
          reason: { type: 'string' },
        },
      },
    },
  },
} as const

export const PREDICT = {
  ...{
    summary: 'predictions for structure files, as the command predict --json gives them',
    tags: ['inference'],
    security,
  },
  consumes: ['multipart/form-data', 'text/plain', 'application/json'],
  description: 'The files of a form, or one file as the body, in any format that is read.',
  querystring: {
    type: 'object',
    properties: {
      model: { type: 'string', description: 'name of the model, where there are several' },
      file: { type: 'string', description: 'name of the file in the body, which tells its format' },
      format: { type: 'string', description: 'its format' },
      level: {
        type: 'number',
        description: 'probability that the interval holds the true value, 0.5 to 0.95',
      },
      embedding: { type: 'boolean', description: 'give the features of every crystal, too' },
    },
  },
  response: {
    200: {
      description: 'A prediction, or an error, for each structure',
      type: 'array',
      items: {
        type: 'object',
        properties: {
          file: { type: 'string' },
          index: { type: 'integer' },
          property: { type: 'string' },
          value: { type: 'array', items: { type: 'number' } },
          unit: { type: 'string' },
          error: { type: 'object', properties: { code: { type: 'string' }, message: { type: 'string' } } },
        },
      },
    },
    ...FAILURES,
  },
} as const
