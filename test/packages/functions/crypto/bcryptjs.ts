import bcrypt from 'bcryptjs';

export default async function () {
  const hash = await bcrypt.hash('correct horse', 4);
  return Response.json({
    isHash: /^\$2b\$04\$[./A-Za-z0-9]{53}$/.test(hash),
    right: await bcrypt.compare('correct horse', hash),
    wrong: bcrypt.compareSync('wrong horse', hash),
    known: await bcrypt.compare('U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
  });
}
